#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/evaluation_rows.hpp"
#include "host/run_context.hpp"

namespace npo {

/// Which columns of a table mean what: names of CSV columns or paths of HDF5 datasets. Only score and label
/// are required.
struct TableColumns {
  std::string score, label, weight, cluster, time;
  std::vector<std::string> groups;
};

struct TableInput {
  std::filesystem::path path;
  TableColumns columns;
  char separator = ',';      ///< of CSV
  bool skip_bad = false;     ///< leave bad rows out and count them
  bool numbered = false;     ///< keep each row's number, by which rows of two tables pair up
  bool unit_scores = false;  ///< a score outside [0, 1] is a bad row
};

/// Streams a CSV file (plain or gzip, "-" for stdin) or an HDF5 file with one dataset a column, told apart by
/// the first bytes. With a time column the last grouping is the UTC day. A score that is not finite, a label
/// other than 0, 1 or unknown (empty, 255, NaN), a negative weight and an empty group are bad rows:
/// Error(bad_data) names file, row and remedy. Error(usage) names the nearest column where one is missing.
std::unique_ptr<EvaluationSource> open_evaluation_table(const TableInput& input, const RunContext& context);

/// Rows and weights may be without sense as a whole: Error(bad_data) when no row has a known label, or when
/// all weights are 0. `name` is the input's.
void check_known_rows(const KnownRows& known, const std::string& name);

}  // namespace npo

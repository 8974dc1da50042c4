#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "io/column_reader.hpp"
#include "io/digest.hpp"
#include "io/h5_file.hpp"
#include "io/study_pieces.hpp"

/// study.h5, the results of a study (docs/formats/study.md). Format "npo.study".
namespace npo {

inline constexpr int study_format_version = 1;
inline constexpr std::array<const char*, 5> study_quantile_names{"q05", "q25", "q50", "q75", "q95"};

/// A parameter over the points.
struct StudyColumn {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>> values;
};

/// Verdicts. Values are stored in files.
enum class Verdict : std::uint8_t { fails = 0, holds = 1, undecided = 2 };
std::string_view name_of(Verdict verdict);

/// One claim with its verdict and the cell that decided.
struct ClaimRow {
  std::string name, statement, source, kind, metric, statistic;
  std::string definition;  ///< JSON
  Verdict verdict = Verdict::undecided;
  double estimate = 0, low = 0, high = 0;      ///< NaN where there is nothing to look at
  double expected_low = 0, expected_high = 0;  ///< infinite where one-sided
  std::uint64_t point = 0, checkpoint = 0, cells = 0;
  std::vector<double> curve_low, curve_high;  ///< [point][checkpoint]: what is expected there, or NaN
};

/// Why a point stopped. Values are stored in files.
enum class StudyStop : std::uint8_t { fixed = 0, precise = 1, most = 2 };

struct StudyResults {
  std::string kind, name, title, description, design, run_id;
  std::string document;    ///< the resolved study file, JSON
  std::string swept;       ///< JSON list of names
  std::string shard;       ///< "1/1"
  std::string provenance;  ///< JSON; no part of the digest
  std::uint64_t seed = 0, episodes = 0;
  bool independent = false;

  std::vector<std::uint64_t> checkpoints;
  std::vector<std::string> metrics, units, long_names;
  std::vector<StudyColumn> parameters;
  std::vector<std::uint64_t> replicates, first_replicate;  ///< by point
  std::vector<std::uint64_t> baseline_point;               ///< by point; empty without a baseline
  std::vector<std::uint8_t> stop;                          ///< by point

  /// Cells [point][checkpoint][metric].
  std::vector<double> mean, variance, standard_error, variance_error;
  std::array<std::vector<double>, 5> quantile;
  std::vector<std::uint64_t> count;
  std::vector<double> difference, difference_error;  ///< empty without a baseline

  std::vector<ClaimRow> claims;

  std::size_t points() const { return replicates.size(); }
  std::size_t cells_of_point() const { return checkpoints.size() * metrics.size(); }
  std::size_t cell(std::size_t point, std::size_t checkpoint, std::size_t metric) const {
    return (point * checkpoints.size() + checkpoint) * metrics.size() + metric;
  }
};

/// A study.h5 being written: first the tallies, point by point, then everything else.
class StudyResultWriter {
 public:
  StudyResultWriter(const std::filesystem::path& path, h5::Compression compression, std::size_t points,
                    std::size_t cells_of_point);
  /// Every point once, in any order. A point with fewer cells than others has its metrics first at every
  /// checkpoint and is filled up with zeros by the caller.
  void tally(const TallyRows& rows);
  void finish(const StudyResults& results);

 private:
  h5::WriteFile file_;
  std::size_t cells_of_point_;
};

/// A study.h5, for reading. Error(bad_data) when something is missing or has another shape.
class StudyResultFile {
 public:
  explicit StudyResultFile(const std::filesystem::path& path);
  const std::filesystem::path& path() const { return file_.path(); }
  const StudyResults& results() const { return results_; }
  TallyRows tally(std::size_t point) const;
  /// Content digest: everything but provenance.
  Digest digest() const;

 private:
  h5::ReadFile file_;
  StudyResults results_;
  ColumnReader words_, bins_;
};

}  // namespace npo

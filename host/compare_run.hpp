#pragma once
#include <filesystem>

#include "host/compare_scores.hpp"
#include "host/evaluation_table.hpp"

namespace npo {

/// `npo compare A B` of two tables, or of two score columns of one.
struct CompareTablesOptions {
  TableInput first, second;
  std::optional<double> first_threshold, second_threshold;  ///< both or none
  CompareOptions compare;
};
Comparison run_compare_tables(const CompareTablesOptions& options, const RunContext& context);

/// `npo compare A B --labels SCENARIOS`: each a folder of decisions, or a folder that holds such folders as
/// NIGHT/decisions, as `npo nightly` leaves them. Nights are paired; those that only one has are left out.
struct CompareDecisionsOptions {
  std::filesystem::path first, second, labels;
  std::optional<UnixSeconds> as_of;
  bool by_fleet = true;
  CompareOptions compare;
};
/// Error(usage) when no night is in both, Error(bad_data) when a night's scenarios differ.
Comparison run_compare_decisions(const CompareDecisionsOptions& options, const RunContext& context);

}  // namespace npo

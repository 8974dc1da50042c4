#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/json_lists.hpp"
#include "host/metrics.hpp"
#include "host/run_context.hpp"
#include "host/score_report.hpp"
#include "kernels/vocabulary.hpp"

/// `npo evaluate`: decisions against what really happened, and against what operators answered (spec section
/// 6).
namespace npo {

struct EvaluateOptions {
  std::vector<std::filesystem::path> decisions;  ///< complete runs
  std::filesystem::path labels;                  ///< scenario file that holds their nights, labelled
  std::vector<std::filesystem::path>
      feedback;                      ///< answers; empty: those that the labels imply (spec section 3)
  std::optional<UnixSeconds> as_of;  ///< nothing known later is used; absent: everything
  double level = 0.95;               ///< of the intervals
  bool by_fleet = false;
  std::string baseline;  ///< rule to compare with; empty: none
  /// What to compute from scores and by bootstrap; without it only what follows from counts, which is fast.
  std::optional<ScoreEvaluationOptions> scores{};
};

/// Counts of one night or fleet, or of all.
struct EvaluatedGroup {
  std::string name;    ///< date, fleet, or "total"
  std::string run_id;  ///< of a night
  GroupCounts counts;
  /// From scores; they stand in for metrics of counts of the same name.
  std::vector<Metric> more{};
  /// Every metric of the group.
  std::vector<Metric> metrics(double level) const;
};

/// A baseline rule on the same matured rows. `capped` and `ours_capped` compare at an equal number of alarms
/// each night, the smaller of the two: where the rule fires more often than we surfaced, its alarms are cut
/// to our number, rows that satisfy more terms first, then those with the larger sum of the columns named,
/// then those that come first in the file; where it fires less often, ours are cut to its number, the highest
/// scores first, then those that come first.
struct BaselineReport {
  std::string rule;
  Confusion full, capped, ours_capped;
};

struct EvaluateReport {
  std::vector<EvaluatedGroup> nights;  ///< in the order of time
  std::vector<EvaluatedGroup> fleets;  ///< by name, when asked for
  EvaluatedGroup total;
  std::optional<BaselineReport> baseline;
  std::optional<ScoreEvaluation> scores;  ///< curves, worst and best fleets; when asked for
  std::uint64_t unscored = 0;             ///< decisions without a score; last, and no probability
  std::string answers_from;               ///< "labels" or "feedback"
  std::uint64_t answers_elsewhere = 0;    ///< events of the feedback files about runs that are not given
  std::uint64_t unknown_scenarios = 0;    ///< decisions about scenarios that the labels lack: immature
  double level = 0.95;
  double seconds = 0.0;
};

/// {"total": group, "nights": [...], "fleets": [...], "baseline": {...}}; a group as in host/metrics.hpp with
/// its name.
nlohmann::json to_json(const EvaluateReport& report);
/// The same less the fleets: those are the lists.
nlohmann::json outline_of(const EvaluateReport& report);
std::vector<JsonList> group_lists(const std::shared_ptr<const EvaluateReport>& report);
/// The same as a table for a person.
std::string to_table(const EvaluateReport& report);

/// Evaluates. Error(bad_data) when a run is incomplete; Error(usage) when the labels lack a run's night, a
/// run is given twice, or no event of the feedback answers any of them.
EvaluateReport run_evaluate(const EvaluateOptions& options, const RunContext& context);

}  // namespace npo

#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "host/label_join.hpp"
#include "host/metrics.hpp"
#include "host/run_context.hpp"

namespace npo {

/// Decisions of one fleet by Decision and outcome (no, yes, unknown).
struct OutcomeCounts {
  std::array<std::array<std::uint64_t, 3>, decision_count> count{};
  std::uint64_t at(Decision decision, Label outcome) const;
  std::uint64_t rows() const;
  std::uint64_t immature() const;
  Confusion confusion() const;
  /// What the outcomes answer in the operator's place (spec section 3, hindsight): surfaced and it happened:
  /// like; surfaced and not: override; withheld and it happened: override; withheld and not: like; blocked:
  /// nothing.
  Answers hindsight() const;
};

/// A matured row on which somebody raised an alarm; rank decides who comes first where alarms are cut.
struct Alarm {
  double first_key = 0.0, second_key = 0.0;  ///< the larger comes first
  std::uint64_t row = 0;                     ///< of the run; the smaller comes first
  bool happened = false;
};

/// What is counted over one run.
struct RunOutcomes {
  std::vector<OutcomeCounts> fleets;  ///< by the run's fleet codes
  std::uint64_t unknown_scenarios = 0;
  std::vector<Alarm> ours, rule;  ///< in row order; only with a baseline rule
};

struct BaselineRule;

/// Counts all rows of a run, in parallel over blocks. `rule` may be null; it is applied to the features in
/// `labels`.
RunOutcomes count_outcomes(const DecisionRun& run, const ScenarioFile& labels,
                           std::optional<UnixSeconds> as_of, const BaselineRule* rule,
                           const RunContext& context);

}  // namespace npo

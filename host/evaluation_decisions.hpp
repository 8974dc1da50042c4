#pragma once
#include <cstdint>
#include <vector>

#include "host/evaluate_answers.hpp"
#include "host/evaluation_rows.hpp"
#include "host/run_context.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"

namespace npo {

/// One answer to one decision, given by a person or implied by the outcome.
struct AnsweredRow {
  std::uint64_t key = 0;  ///< of the scenario
  std::uint32_t run = 0, fleet = 0;
  std::uint8_t decision = 0, kind = 0;  ///< Decision and FeedbackKind
  bool updates = false;                 ///< whether it moves the score
  float loss = 0.0f;                    ///< l(f)
  float error = 0.0f;                   ///< (y - R)^2 of the update
};

/// Decisions as rows to evaluate. The cluster of a row is its scenario, its time is the run's night.
/// Groupings: the run (by its index, as a name of six digits), then the fleet.
struct KnownDecisions {
  KnownRows known;
  std::vector<AnsweredRow> answers;
  std::vector<std::string> fleets;  ///< names by AnsweredRow::fleet, sorted
  std::uint64_t unscored =
      0;  ///< rows without a score (blocked for a value that is no number): last, and no probability
};

/// Joins all decisions with their outcomes as known by `as_of`. `feedback` null: the answers that outcomes
/// imply. 31 bytes a row in memory.
KnownDecisions collect_decisions(const std::vector<DecisionRun>& runs, const ScenarioFile& labels,
                                 std::optional<UnixSeconds> as_of, const AnswerBook* feedback,
                                 const RunContext& context);

}  // namespace npo

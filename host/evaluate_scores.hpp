#pragma once
#include <vector>

#include "host/evaluate_answers.hpp"
#include "host/evaluate_run.hpp"

namespace npo {

/// Adds to a report of counts what follows from scores and from the bootstrap: metrics of the total, of every
/// night and, where asked for, of every fleet. `feedback` null: the answers that outcomes imply.
void add_score_metrics(const std::vector<DecisionRun>& runs, const ScenarioFile& labels,
                       const AnswerBook* feedback, const EvaluateOptions& options, const RunContext& context,
                       EvaluateReport& report);

}  // namespace npo

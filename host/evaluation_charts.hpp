#pragma once
#include <string>

#include "host/evaluation_summary.hpp"

/// The figures of an evaluation's page, each an inline SVG.
namespace npo {

/// ROC curve, with the point that the decisions stand at.
std::string roc_chart(const ScoreEvaluation& evaluation);
/// Precision over recall, with the share of positives as the line of no skill.
std::string precision_recall_chart(const ScoreEvaluation& evaluation);
/// How often it happened against the mean score, in bins, with Wilson intervals; empty where scores are no
/// probabilities.
std::string reliability_chart(const ScoreEvaluation& evaluation);
/// Precision and recall over the threshold.
std::string threshold_chart(const ScoreEvaluation& evaluation);
/// Mean cost over the threshold; every mistake costs 1 where no costs were given.
std::string cost_chart(const ScoreEvaluation& evaluation);
/// The groups of a kind with the intervals of a metric, the best first; those in the middle are left out
/// where there are more than `most`.
std::string forest_chart(const EvaluationSummary& summary, const std::string& kind, std::size_t most);
/// A metric over nights or days; empty with fewer than two.
std::string time_chart(const EvaluationSummary& summary, const std::string& kind);

}  // namespace npo

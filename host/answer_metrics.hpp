#pragma once
#include <cstdint>
#include <vector>

#include "host/evaluation_decisions.hpp"
#include "host/score_metrics.hpp"

namespace npo {

/// Metrics of answers by group: prediction_loss, the mean of (y - R)^2 over updates; and where some scenario
/// was answered more than once also the rates of answers and the loss, with intervals of a cluster bootstrap,
/// which stand in for those that take answers to be independent. `code` gives an answer's group.
std::vector<std::vector<Metric>> answer_metrics(const std::vector<AnsweredRow>& answers,
                                                std::uint32_t (*code)(const AnsweredRow&), std::size_t groups,
                                                const MetricSettings& settings, const RunContext& context);

}  // namespace npo

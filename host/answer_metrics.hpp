#pragma once
#include <cstdint>
#include <vector>

#include "host/bootstrap_engine.hpp"
#include "host/evaluation_decisions.hpp"
#include "host/score_metrics.hpp"

namespace npo {

/// Samples of what answers of one group say: prediction_loss, the mean of (y - R)^2 over updates; with `all`
/// also the loss and the rates of answers. Units are scenarios, so samples of two policies pair up.
std::vector<MetricSample> answer_samples(const std::vector<AnsweredRow>& answers, bool all,
                                         const MetricSettings& settings, const BootstrapEngine& engine);

/// Splits answers by group; `code` gives an answer's.
std::vector<std::vector<AnsweredRow>> answers_by_group(const std::vector<AnsweredRow>& answers,
                                                       std::uint32_t (*code)(const AnsweredRow&),
                                                       std::size_t groups);

/// Metrics of answers by group: prediction_loss; and where some scenario was answered more than once also the
/// rates of answers and the loss, with intervals of a cluster bootstrap, which stand in for those that take
/// answers to be independent.
std::vector<std::vector<Metric>> answer_metrics(const std::vector<AnsweredRow>& answers,
                                                std::uint32_t (*code)(const AnsweredRow&), std::size_t groups,
                                                const MetricSettings& settings, const RunContext& context);

}  // namespace npo

#include "host/score_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/intervals.hpp"

namespace npo {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double ratio(double part, double whole) {
  return whole > 0.0 ? part / whole : undefined;
}

double precision(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.true_positive, t.true_positive + t.false_positive);
}

double recall(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.true_positive, t.true_positive + t.false_negative);
}

double specificity(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.true_negative, t.true_negative + t.false_positive);
}

double f_of(const ScoreTotals& t, double beta) {
  const double square = beta * beta;
  return ratio((1.0 + square) * t.true_positive,
               (1.0 + square) * t.true_positive + square * t.false_negative + t.false_positive);
}

double f1(const ScoreTotals& t, const MetricSettings&) {
  return f_of(t, 1.0);
}

double f_beta(const ScoreTotals& t, const MetricSettings& settings) {
  return f_of(t, settings.beta);
}

double surfaced_rate(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.true_positive + t.false_positive, t.weight());
}

double balanced_accuracy(const ScoreTotals& t, const MetricSettings& settings) {
  return 0.5 * (recall(t, settings) + specificity(t, settings));
}

/// Matthews' correlation. Each margin under a root of its own: their product overflows nothing.
double mcc(const ScoreTotals& t, const MetricSettings&) {
  const double margins =
      std::sqrt(t.true_positive + t.false_positive) * std::sqrt(t.true_positive + t.false_negative) *
      std::sqrt(t.true_negative + t.false_positive) * std::sqrt(t.true_negative + t.false_negative);
  return ratio(t.true_positive * t.true_negative - t.false_positive * t.false_negative, margins);
}

double cost(const ScoreTotals& t, const MetricSettings& settings) {
  const CostMatrix& c = *settings.cost;
  return ratio(c.true_positive * t.true_positive + c.false_positive * t.false_positive +
                   c.false_negative * t.false_negative + c.true_negative * t.true_negative,
               t.weight());
}

double brier(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.brier, t.scored());
}

double log_loss(const ScoreTotals& t, const MetricSettings&) {
  return ratio(t.log_loss, t.scored());
}

}  // namespace

std::vector<TotalsMetric> totals_metrics(const MetricSettings& settings) {
  std::vector<TotalsMetric> metrics{
      {"precision", "nothing matured was surfaced", true, true, false, precision},
      {"recall", "nothing happened", true, true, false, recall},
      {"specificity", "something happened in all", true, true, false, specificity},
      {"f1", "nothing was surfaced and nothing happened", true, false, false, f1},
      {"surfaced_rate", "nothing matured", true, true, false, surfaced_rate},
      {"balanced_accuracy", "one class only", true, false, false, balanced_accuracy},
      {"mcc", "all decisions or all outcomes are the same", true, false, false, mcc},
      {"brier", "no row with a score has weight", false, false, true, brier},
      {"log_loss", "no row with a score has weight", false, false, true, log_loss}};
  if (settings.beta != 1.0)
    metrics.push_back({"f_beta", "nothing was surfaced and nothing happened", true, false, false, f_beta});
  if (settings.cost) metrics.push_back({"cost", "nothing matured", true, false, false, cost});
  return metrics;
}

void add_extreme_rate(std::vector<std::uint64_t> keys, double level, MetricSample& sample) {
  if (!sample.value || (*sample.value != 0.0 && *sample.value != 1.0) || keys.empty()) return;
  std::sort(keys.begin(), keys.end());
  const auto clusters = static_cast<std::uint64_t>(std::unique(keys.begin(), keys.end()) - keys.begin());
  sample.interval = wilson_interval(*sample.value == 0.0 ? 0 : clusters, clusters, level);
  sample.method = "wilson of clusters";
}

Metric metric_of(const MetricSample& sample, double level, bool clustered) {
  Metric metric{sample.name, sample.value, sample.interval, sample.reason, sample.method};
  if (!metric.value || metric.interval || !metric.reason.empty()) return metric;
  if (sample.replicates.empty()) {
    metric.reason = "no interval without bootstrap replicates";
    return metric;
  }
  metric.interval = percentile_interval(sample.replicates, level);
  if (metric.interval && metric.interval->low == metric.interval->high) {
    metric.interval.reset();
    metric.reason = "every bootstrap replicate agrees";
  } else if (metric.interval)
    metric.method = clustered ? "cluster bootstrap" : "bootstrap";
  else
    metric.reason = "undefined in too many bootstrap replicates";
  return metric;
}

std::optional<double> interval_end(const Metric& metric, bool kindly) {
  if (!metric.value || !metric.interval) return std::nullopt;
  const bool larger = larger_is_better(metric.name);
  const double end = kindly == larger ? metric.interval->high : metric.interval->low;
  return larger ? end : -end;
}

bool larger_is_better(std::string_view metric) {
  for (const std::string_view loss : {"brier", "log_loss", "ece", "cost", "loss", "override_rate",
                                      "surfaced_override_rate", "prediction_loss", "surfaced_rate"})
    if (metric == loss) return false;
  return true;
}

}  // namespace npo

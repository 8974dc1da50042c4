#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/metrics.hpp"

/// Metrics that are functions of totals over scored and labelled rows, so that a bootstrap replicate needs
/// its totals alone.
namespace npo {

/// What one decision costs, by what was decided and what happened. Any real numbers; a gain is negative.
struct CostMatrix {
  double true_positive = 0.0, false_positive = 0.0, false_negative = 0.0, true_negative = 0.0;
};

/// What to compute.
struct MetricSettings {
  double level = 0.95;               ///< of the intervals
  double beta = 1.0;                 ///< of F-beta; recall counts beta times as much as precision
  std::optional<CostMatrix> cost{};  ///< without it no cost is reported
  std::uint32_t bootstrap = 1000;    ///< replicates; 0: none
  std::uint64_t seed = 0;
  std::size_t reliability_bins = 10;
  bool paired = false;  ///< keep replicates of metrics with another interval too, to pair them up
};

/// Summed row weights by decision and outcome, and summed losses, in one unit of weight.
struct ScoreTotals {
  double true_positive = 0.0, false_positive = 0.0, false_negative = 0.0, true_negative = 0.0;
  double brier = 0.0, log_loss = 0.0;
  double unscored = 0.0;  ///< weight of rows without a score, which have no loss
  double scored() const { return weight() - unscored; }
  double weight() const { return true_positive + false_positive + false_negative + true_negative; }
};

/// A metric of totals. `of` is NaN where it is undefined.
struct TotalsMetric {
  std::string_view name;
  std::string_view undefined;  ///< why, when it is
  bool decided;                ///< needs decisions
  bool is_rate;                ///< hits over trials of whole rows
  bool probability;            ///< needs scores in [0, 1]
  double (*of)(const ScoreTotals& totals, const MetricSettings& settings);
};

/// precision, recall, specificity, f1, surfaced_rate, f_beta, balanced_accuracy, mcc, cost, brier, log_loss;
/// f_beta only with a beta other than 1, cost only with a cost matrix.
std::vector<TotalsMetric> totals_metrics(const MetricSettings& settings);

/// A metric of a sample, with what its interval is made from.
struct MetricSample {
  std::string name;
  std::optional<double> value = {};
  std::string reason = {};              ///< why there is no value or no interval
  std::vector<double> replicates = {};  ///< NaN where undefined; empty without bootstrap, or not needed
  std::optional<Interval> interval = {};
  std::string method = {};  ///< of `interval`; empty: from the replicates
};

/// The interval of a rate that is 0 or 1 among rows in clusters, where no replicate differs: Wilson's, with
/// clusters as trials. `keys` are the clusters of the rows at issue. Other rates are left as they are.
void add_extreme_rate(std::vector<std::uint64_t> keys, double level, MetricSample& sample);

/// The metric with its interval; `clustered` only names the method.
Metric metric_of(const MetricSample& sample, double level, bool clustered);

/// The end of the interval that speaks for the group most (`kindly`) or least, negated where smaller is
/// better. Nothing without an interval: what a handful of rows says ranks no group.
std::optional<double> interval_end(const Metric& metric, bool kindly);

/// Whether a larger value of this metric is better.
bool larger_is_better(std::string_view metric);

}  // namespace npo

#include "host/ope_intervals.hpp"

#include <algorithm>
#include <cmath>

namespace npo {
namespace {

OpeInterval without(std::string reason) {
  return {std::nullopt, std::move(reason)};
}

OpeTermMaker maker_of(const OpeEstimate& estimate) {
  return {estimate.estimator, estimate.parameter.value_or(harmless_parameter(estimate.estimator))};
}

bool is_mean(OpeEstimator estimator) {
  return estimator != OpeEstimator::replay && estimator != OpeEstimator::snips &&
         estimator != OpeEstimator::clipped_snips && estimator != OpeEstimator::sndr;
}

/// No factor of a reward or residual is larger than this.
double factor_bound(const OpeRows& rows, const OpeTermMaker& maker) {
  const double weight = rows.weight_bound(), parameter = maker.parameter;
  switch (maker.estimator) {
    case OpeEstimator::clipped_ips:
    case OpeEstimator::switch_dr:
      return std::min(weight, parameter);
    case OpeEstimator::subgaussian_ips:
      return weight / (1.0 - parameter + parameter * weight);
    case OpeEstimator::dm:
      return 0.0;
    case OpeEstimator::dros:
      return std::min(weight, 0.5 * std::sqrt(parameter));
    default:
      return weight;
  }
}

/// The range that a term of an estimator cannot leave.
Interval term_range(const OpeRows& rows, const OpeTermMaker& maker) {
  const double factor = factor_bound(rows, maker);
  if (!needs_reward_model(maker.estimator))
    return {std::min(0.0, factor * rows.smallest_reward), std::max(0.0, factor * rows.largest_reward)};
  const auto [low_model, high_model] = std::minmax_element(rows.model.begin(), rows.model.end());
  const auto [low, high] = std::minmax_element(rows.direct.begin(), rows.direct.end());
  return {*low + factor * std::min(0.0, rows.smallest_reward - *high_model),
          *high + factor * std::max(0.0, rows.largest_reward - *low_model)};
}

/// Totals of clusters, or the terms themselves, divided by the mean number of rows of a unit.
std::vector<double> unit_means(const OpeRows& rows, const OpeTermMaker& maker) {
  const OpeColumns columns = rows.columns();
  std::vector<double> units(rows.units(), 0.0);
  const double rows_a_unit = static_cast<double>(rows.rows()) / static_cast<double>(rows.units());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const OpeTerm term = maker(columns.row(i));
    units[rows.groups ? rows.group[i] : i] += (term.direct + term.numerator) / rows_a_unit;
  }
  return units;
}

/// Rows of the largest cluster over those of a mean one.
double largest_unit(const OpeRows& rows) {
  if (!rows.groups) return 1.0;
  std::vector<std::uint64_t> size(rows.groups, 0);
  for (const std::uint32_t group : rows.group) ++size[group];
  return static_cast<double>(*std::max_element(size.begin(), size.end())) * static_cast<double>(rows.groups) /
         static_cast<double>(rows.rows());
}

/// No mean reward lies outside 0 and 1 where every reward is one of them.
Interval within_rewards(const OpeRows& rows, Interval interval) {
  if (!rows.binary) return interval;
  return {std::clamp(interval.low, 0.0, 1.0), std::clamp(interval.high, 0.0, 1.0)};
}

}  // namespace

OpeInterval bernstein_interval(const OpeRows& rows, const OpeEstimate& estimate, double level,
                               const RunContext& context) {
  context.check_stop();
  if (!estimate.value) return without(estimate.reason);
  if (!is_mean(estimate.estimator)) return without("the estimate is a ratio, no mean of bounded terms");
  const OpeTermMaker maker = maker_of(estimate);
  const std::vector<double> units = unit_means(rows, maker);
  BoundedSample sample;
  sample.mean = *estimate.value;
  sample.count = units.size();
  double squares = 0.0;
  for (const double unit : units) squares += (unit - sample.mean) * (unit - sample.mean);
  if (sample.count > 1) sample.variance = squares / static_cast<double>(sample.count - 1);
  const Interval range = term_range(rows, maker);
  const double scale = largest_unit(rows);
  sample.low = std::min(range.low, scale * range.low);
  sample.high = std::max(range.high, scale * range.high);
  return {within_rewards(rows, empirical_bernstein_interval(sample, level)), {}};
}

OpeInterval weighted_clopper_pearson(const OpeRows& rows, const OpeEstimate& estimate, double level,
                                     const RunContext& context) {
  context.check_stop();
  if (!estimate.value) return without(estimate.reason);
  if (!rows.binary) return without("rewards are not all 0 or 1");
  if (rows.groups) return without("rows of a cluster are not independent");
  if (estimate.estimator == OpeEstimator::replay) {
    double matches = 0.0, successes = 0.0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      if (rows.target[i] != 0.0 && rows.target[i] != 1.0) return without("the target is not deterministic");
      matches += rows.target[i];
      successes += rows.target[i] * rows.reward[i];
    }
    return {clopper_pearson_interval(static_cast<std::uint64_t>(successes),
                                     static_cast<std::uint64_t>(matches), level),
            {}};
  }
  if (estimate.estimator != OpeEstimator::ips && estimate.estimator != OpeEstimator::clipped_ips)
    return without("the estimate is no weighted mean of rewards of 0 and 1");
  const OpeTermMaker maker = maker_of(estimate);
  const double bound = factor_bound(rows, maker);
  if (!(bound > 0.0)) return without("every weight is 0");
  const OpeColumns columns = rows.columns();
  double sum = 0.0;
  bool all_or_nothing = true;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    OpeRow row = columns.row(i);
    row.reward = 1.0;
    const double share = maker(row).numerator / bound;
    // A weight equals the bound to rounding where all propensities are equal.
    all_or_nothing = all_or_nothing && (share < 1e-12 || share > 1.0 - 1e-12);
    sum += share * rows.reward[i];
  }
  const double e = 2.718281828459045;
  const double used = all_or_nothing ? level : 1.0 - (1.0 - level) / e;
  const double below = all_or_nothing ? std::round(sum) : std::floor(sum);
  const double above =
      all_or_nothing ? std::round(sum) : std::min(std::ceil(sum), static_cast<double>(rows.rows()));
  const auto n = static_cast<std::uint64_t>(rows.rows());
  const double low = clopper_pearson_interval(static_cast<std::uint64_t>(below), n, used).low,
               high = clopper_pearson_interval(static_cast<std::uint64_t>(above), n, used).high;
  return {within_rewards(rows, {bound * low, bound * high}), {}};
}

}  // namespace npo

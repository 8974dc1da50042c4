#include <algorithm>
#include <array>
#include <string>

#include "kernels/elementary64.hpp"
#include "kernels/ope_world.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

namespace npo {
namespace {

double unit(std::uint32_t word) {
  return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

/// The estimator of a study with its parameter.
OpeTermMaker maker_of(OpeEstimator estimator, const OpePoint& point) {
  switch (estimator) {
    case OpeEstimator::clipped_ips:
    case OpeEstimator::clipped_snips:
    case OpeEstimator::switch_dr:
      return {estimator, point.clip};
    case OpeEstimator::dros:
      return {estimator, point.shrinkage};
    case OpeEstimator::subgaussian_ips:
      return {estimator, point.subgaussian};
    default:
      return {estimator};
  }
}

/// First and second moments of an estimator's terms, enough for its estimate and standard error at any time.
struct RunningTerms {
  OpeSums sums;
  double square = 0.0, cross = 0.0,
         denominator_square = 0.0;  ///< of x = direct + numerator, and y = denominator

  void add(const OpeTerm& term) {
    sums.add(term);
    const double x = term.direct + term.numerator;
    square = __builtin_fma(x, x, square);
    cross = __builtin_fma(x, term.denominator, cross);
    denominator_square = __builtin_fma(term.denominator, term.denominator, denominator_square);
  }
  /// Mean square of x - R y over rows, R y having the mean of x: the variance of an influence, for estimators
  /// without a direct part or with a denominator of 1.
  double influence_square() const {
    const double n = static_cast<double>(sums.rows), x = sums.direct + sums.numerator;
    const double ratio = x / sums.denominator;
    const double scale = n / sums.denominator;
    return std::max(0.0, (square - 2.0 * ratio * cross + ratio * ratio * denominator_square) / n) * scale *
           scale;
  }
  double squared_error() const {
    const double n = static_cast<double>(sums.rows);
    return n > 1.0 ? influence_square() / (n - 1.0) : 0.0;
  }
};

/// One log growing row by row.
class GrowingLog {
 public:
  GrowingLog(const OpePoint& point, StudySeed seed, std::uint64_t replicate)
      : world_(point, seed, replicate), key_(seed.seed), entity_(study_entity(seed, replicate)) {
    for (std::size_t e = 0; e < ope_study_estimator_count; ++e)
      makers_[e] = maker_of(ope_study_estimators[e], point);
  }

  void add_row(std::uint32_t number) {
    const PhiloxWords words = philox(philox_counter(RandomPurpose::ope_row, entity_, number, 0), key_);
    const std::size_t c = uniform_below(words.word[0], static_cast<std::uint32_t>(world_.contexts));
    const std::size_t i = draw_cell(c, unit(words.word[1]));
    OpeRow row;
    row.target = world_.target[i];
    row.weight = world_.target[i] / world_.logging[i];
    row.reward = unit(words.word[2]) < world_.reward[i] ? 1.0 : 0.0;
    row.model = world_.model[i];
    row.direct = world_.direct[c];
    weight_ += row.weight;
    weight_square_ = __builtin_fma(row.weight, row.weight, weight_square_);
    for (std::size_t e = 0; e < ope_study_estimator_count; ++e) terms_[e].add(makers_[e](row));
  }

  /// Calls put(column, value) for every column.
  template <class Put>
  void record(const Put& put) const {
    const double n = static_cast<double>(terms_[0].sums.rows);
    const auto column = [&](OpeColumn which, double value) { put(static_cast<std::uint32_t>(which), value); };
    column(OpeColumn::effective_share, weight_ * weight_ / weight_square_ / n);
    column(OpeColumn::mean_weight_error, std::clamp(weight_ / n - 1.0, -1.0, 1.0));
    column(OpeColumn::ips_theory, std::min(1.0, world_.ips_variance / n));
    column(OpeColumn::dm_theory, std::min(1.0, world_.dm_bias * world_.dm_bias + world_.dm_variance / n));
    column(OpeColumn::dr_theory, std::min(1.0, world_.dr_variance / n));
    column(OpeColumn::ips_covered, covered(place_of(OpeEstimator::ips)));
    column(OpeColumn::snips_covered, covered(place_of(OpeEstimator::snips)));
    column(OpeColumn::dr_covered, covered(place_of(OpeEstimator::dr)));
    const double half = bernstein_half_width(n);
    column(OpeColumn::bernstein_covered, error_of(0) <= half && error_of(0) >= -half ? 1.0 : 0.0);
    column(OpeColumn::bernstein_width, std::min(1.0, half));
    for (std::size_t e = 0; e < ope_study_estimator_count; ++e) {
      const double error = std::clamp(error_of(e), -1.0, 1.0);
      const auto at = static_cast<std::uint32_t>(OpeColumn::error) + 2 * static_cast<std::uint32_t>(e);
      put(at, error);
      put(at + 1, error * error);
    }
  }

 private:
  static std::size_t place_of(OpeEstimator estimator) {
    return static_cast<std::size_t>(
        std::find(std::begin(ope_study_estimators), std::end(ope_study_estimators), estimator) -
        std::begin(ope_study_estimators));
  }
  std::size_t draw_cell(std::size_t context, double u) const {
    std::size_t i = world_.cell(context, 0);
    for (const std::size_t last = world_.cell(context + 1, 0) - 1; i < last; ++i) {
      u -= world_.logging[i];
      if (u < 0.0) break;
    }
    return i;
  }
  double error_of(std::size_t e) const { return terms_[e].sums.estimate() - world_.truth; }
  double covered(std::size_t e) const {
    constexpr double z = 1.959963984540054;
    const double error = error_of(e);
    return error * error <= z * z * terms_[e].squared_error() ? 1.0 : 0.0;
  }
  /// Maurer and Pontil (2009), both sides, at 95 %, with the world's own bound on the terms.
  double bernstein_half_width(double n) const {
    if (n < 2.0) return 1.0;
    const double log_term = elementary64::log(4.0 / 0.05);
    const double variance = terms_[0].squared_error() * n;
    return __builtin_sqrt(2.0 * variance * log_term / n) +
           7.0 * world_.largest_weight * log_term / (3.0 * (n - 1.0));
  }

  OpeWorld world_;
  PhiloxKey key_;
  std::uint64_t entity_;
  std::array<OpeTermMaker, ope_study_estimator_count> makers_{};
  std::array<RunningTerms, ope_study_estimator_count> terms_{};
  double weight_ = 0.0, weight_square_ = 0.0;
};

StudyMetric metric(std::string name, std::string long_name, std::uint32_t column) {
  return {.name = std::move(name), .long_name = std::move(long_name), .numerator = column};
}

StudyMetric metric(std::string name, std::string long_name, OpeColumn column) {
  return metric(std::move(name), std::move(long_name), static_cast<std::uint32_t>(column));
}

StudyMetric small(StudyMetric metric) {
  metric.bins = StudyBins::log_linear;
  metric.first_octave = -31;
  return metric;
}

StudyMetric signed_bins(StudyMetric metric) {
  metric.low = -1.0f;
  return metric;
}

}  // namespace

void simulate_ope(const OpePoint& point, StudySeed seed, ReplicateRange replicates,
                  std::span<const std::uint32_t> checkpoints, StudyBlock& block) {
  validate(point);
  check_replicates(seed, replicates);
  check_checkpoints(checkpoints, point.horizon);
  block.resize(replicates, checkpoints.size(), ope_columns);
  for (std::size_t r = 0; r < replicates.count; ++r) {
    GrowingLog log(point, seed, replicates.first + r);
    std::uint32_t row = 0;
    for (std::size_t k = 0; k < checkpoints.size(); ++k) {
      while (row < checkpoints[k]) log.add_row(++row);
      log.record([&](std::uint32_t column, double value) {
        block.data()[(k * ope_columns + column) * block.stride() + r] = static_cast<float>(value);
      });
    }
  }
}

std::vector<StudyMetric> ope_metrics() {
  std::vector<StudyMetric> metrics = {
      metric("effective_share", "effective rows over rows", OpeColumn::effective_share),
      signed_bins(metric("mean_weight_error", "mean weight minus 1", OpeColumn::mean_weight_error)),
      small(metric("ips_theory", "expected squared error of ips, from the world", OpeColumn::ips_theory)),
      small(metric("dm_theory", "expected squared error of dm, from the world", OpeColumn::dm_theory)),
      small(metric("dr_theory", "expected squared error of dr, from the world", OpeColumn::dr_theory)),
      metric("ips_covered", "normal 95 % intervals of ips that hold the truth", OpeColumn::ips_covered),
      metric("snips_covered", "normal 95 % intervals of snips that hold the truth", OpeColumn::snips_covered),
      metric("dr_covered", "normal 95 % intervals of dr that hold the truth", OpeColumn::dr_covered),
      metric("bernstein_covered", "empirical Bernstein intervals of ips that hold the truth",
             OpeColumn::bernstein_covered),
      metric("bernstein_width", "half width of the empirical Bernstein interval of ips",
             OpeColumn::bernstein_width)};
  for (std::size_t e = 0; e < ope_study_estimator_count; ++e) {
    const std::string name(name_of(ope_study_estimators[e]));
    const auto at = static_cast<std::uint32_t>(OpeColumn::error) + 2 * static_cast<std::uint32_t>(e);
    metrics.push_back(signed_bins(metric(name + "_error", name + " minus the truth", at)));
    metrics.push_back(small(metric(name + "_squared_error", "squared error of " + name, at + 1)));
  }
  return metrics;
}

}  // namespace npo

#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/statistics.hpp"

/// Intervals and tests that evaluation reports. All deterministic; none draws random words.
namespace npo {

/// The exact interval of a rate of `successes` in `trials` (> 0) at a two-sided level in (0, 1) (Clopper and
/// Pearson 1934): it never covers less often than the level says.
Interval clopper_pearson_interval(std::uint64_t successes, std::uint64_t trials, double level);

/// Moments of n values known to lie in [low, high].
struct BoundedSample {
  double mean = 0.0, variance = 0.0;  ///< variance with divisor n - 1
  std::uint64_t count = 0;
  double low = 0.0, high = 1.0;
};

/// The empirical Bernstein interval of a bounded mean (Maurer and Pontil 2009, theorem 4, both sides):
/// mean +- (sqrt(2 V log(4 / a) / n) + 7 (high - low) log(4 / a) / (3 (n - 1))), a = 1 - level, cut to
/// [low, high]. It holds for every distribution and sample size. With fewer than two values: [low, high].
Interval empirical_bernstein_interval(const BoundedSample& sample, double level);

/// Fewest defined replicates an interval is taken from, and the least share of all that must be defined.
inline constexpr std::size_t least_replicates = 20;
inline constexpr double least_defined_share = 0.95;

/// The percentile interval of bootstrap replicates: quantiles (1 -+ level) / 2 at position p (B + 1), linear
/// between neighbours. NaN stands for a replicate in which the metric is undefined; nothing is returned where
/// too few are defined, because dropping them would then bias what is left.
std::optional<Interval> percentile_interval(std::span<const double> replicates, double level);

/// The bias-corrected and accelerated interval (Efron 1987). `estimate` is the metric of the sample itself,
/// `acceleration` a sixth of the skewness of its influence values (see acceleration_of); 0 corrects the bias
/// alone. Nothing where too few replicates are defined or all lie on one side of the estimate.
std::optional<Interval> bca_interval(std::span<const double> replicates, double estimate, double acceleration,
                                     double level);

/// sum u^3 / (6 (sum u^2)^(3/2)) of centred influence values u; 0 where all are 0.
double acceleration_of(std::span<const double> influence);

/// The two-sided p-value of a replicated difference against 0: twice the smaller share of replicates on
/// either side, counting 0 on both and one more than seen, (1 + count) / (1 + B); at most 1. Nothing where
/// too few are defined.
std::optional<double> bootstrap_p_value(std::span<const double> differences);

/// Which hypotheses are rejected when the expected share of false rejections is to stay below `rate`
/// (Benjamini and Hochberg 1995): all whose p-value is at most p_(k), k the largest with p_(k) <= rate k / m.
std::vector<bool> benjamini_hochberg(std::span<const double> p_values, double rate);

}  // namespace npo

#include "host/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace npo {
namespace {

/// The published algorithm has a relative error of 1e-16; evaluating it in double adds a few units.
constexpr double quantile_error = 2e-15;

double upper_tail(double x) {
  return 0.5 * std::erfc(x / std::sqrt(2.0));
}

TEST(NormalQuantile, KnownAnswers) {
  EXPECT_EQ(normal_quantile(0.5), 0.0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, quantile_error * 2);
  EXPECT_NEAR(normal_quantile(0.95), 1.6448536269514722, quantile_error * 2);
  EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, quantile_error * 7);
  EXPECT_NEAR(normal_quantile(1e-300), -37.0471, 1e-4);
  EXPECT_EQ(normal_quantile(0.0), -HUGE_VAL);
  EXPECT_EQ(normal_quantile(1.0), HUGE_VAL);
}

/// Through the distribution function and back: d Phi / Phi is at most about |x| dx in the tail, hence the
/// factor 40.
TEST(NormalQuantile, InvertsTheDistributionFunction) {
  for (double p = 1e-290; p < 0.5; p *= 1.7) {
    const double x = normal_quantile(p);
    EXPECT_NEAR(upper_tail(-x) / p, 1.0, 40 * 40 * quantile_error) << p;
  }
}

TEST(NormalQuantile, IsOddAndIncreasing) {
  double last = normal_quantile(0x1p-12);
  for (double p = 0x1p-11; p < 1.0; p += 0x1p-12) {
    const double x = normal_quantile(p);
    EXPECT_GT(x, last);
    EXPECT_EQ(x, -normal_quantile(1.0 - p));
    last = x;
  }
}

TEST(WilsonInterval, KnownAnswer) {
  const auto interval = wilson_interval(5, 10, 0.9);
  EXPECT_NEAR(interval.low, 0.2692718, 5e-8);
  EXPECT_NEAR(interval.high, 0.7307282, 5e-8);
}

TEST(WilsonInterval, EndsAreExactWhereAllOrNoneSucceed) {
  const auto none = wilson_interval(0, 20, 0.95), all = wilson_interval(20, 20, 0.95);
  EXPECT_EQ(none.low, 0.0);
  EXPECT_EQ(all.high, 1.0);
  const double z2 = 1.959963984540054 * 1.959963984540054;
  EXPECT_NEAR(none.high, z2 / (20 + z2), 1e-15);  // closed form for no success
  EXPECT_NEAR(all.low, 20 / (20 + z2), 1e-15);
}

/// For every outcome of n trials: holds the rate, mirrors, lies in [0, 1]; its ends solve (p - rate)^2 = z^2
/// p (1 - p) / n.
TEST(WilsonInterval, EveryOutcomeOfUpToFortyTrials) {
  const double z = normal_quantile(0.975);
  for (std::uint64_t n = 1; n <= 40; ++n)
    for (std::uint64_t k = 0; k <= n; ++k) {
      const auto interval = wilson_interval(k, n, 0.95), mirror = wilson_interval(n - k, n, 0.95);
      const double rate = static_cast<double>(k) / static_cast<double>(n);
      EXPECT_LE(interval.low, rate);
      EXPECT_GE(interval.high, rate);
      EXPECT_GE(interval.low, 0.0);
      EXPECT_LE(interval.high, 1.0);
      EXPECT_NEAR(interval.low, 1.0 - mirror.high, 1e-15);
      for (const double end : {interval.low, interval.high})
        EXPECT_NEAR((end - rate) * (end - rate), z * z * end * (1 - end) / static_cast<double>(n), 1e-14);
    }
}

/// Summed over all outcomes of 100 trials, averaged over true rates: Wilson's interval holds the rate as
/// often as it says (it oscillates with the rate; the mean over rates from 0.05 to 0.95 lies within half a
/// percent).
TEST(WilsonInterval, CoversAsOftenAsItSays) {
  double covered = 0.0;
  for (int percent = 5; percent <= 95; ++percent) {
    const double p = percent / 100.0;
    for (std::uint64_t k = 0; k <= 100; ++k) {
      const auto interval = wilson_interval(k, 100, 0.95);
      const double hits = static_cast<double>(k), misses = 100.0 - hits;
      const double log_chance = std::lgamma(101.0) - std::lgamma(hits + 1) - std::lgamma(misses + 1) +
                                hits * std::log(p) + misses * std::log(1 - p);
      if (interval.low <= p && p <= interval.high) covered += std::exp(log_chance) / 91.0;
    }
  }
  EXPECT_NEAR(covered, 0.95, 0.005);
}

}  // namespace
}  // namespace npo

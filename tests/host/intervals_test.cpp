#include "host/intervals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/incomplete_beta.hpp"

namespace npo {
namespace {

/// Rounding x / sqrt(2) moves the tail by x^2 half ulps.
TEST(NormalTail, AgreesWithTheLibrary) {
  for (double x = -37.0; x <= 37.0; x += 0.0625 / 3) {
    const double expected = 0.5 * std::erfc(x / std::sqrt(2.0));
    EXPECT_NEAR(normal_tail(x) / expected, 1.0, 1e-15 * (4.0 + x * x)) << x;
  }
}

TEST(NormalTail, InvertsTheQuantile) {
  for (double p = 1e-12; p < 1.0; p *= 1.5) EXPECT_NEAR(normal_tail(-normal_quantile(p)) / p, 1.0, 1e-12);
}

/// Closed forms: Beta(a, 1) has x^a, Beta(1, b) has 1 - (1 - x)^b.
TEST(IncompleteBeta, ClosedForms) {
  for (const double x : {0.001, 0.2, 0.5, 0.9, 0.999})
    for (const double shape : {1.0, 2.5, 40.0, 1000.0}) {
      EXPECT_NEAR(incomplete_beta(shape, 1.0, x), std::pow(x, shape), 1e-12);
      EXPECT_NEAR(incomplete_beta(1.0, shape, x), 1.0 - std::pow(1.0 - x, shape), 1e-12);
    }
}

TEST(IncompleteBeta, QuantileInverts) {
  for (const double a : {1.0, 3.0, 70.5, 1e6})
    for (const double b : {1.0, 2.0, 500.0, 1e7})
      for (const double p : {1e-6, 0.025, 0.5, 0.975}) {
        const double x = beta_quantile(a, b, p);
        EXPECT_NEAR(incomplete_beta(a, b, x), p, 1e-7 * p) << a << ' ' << b;
      }
}

/// Published by SciPy's binomtest for 7 successes in 50 trials, from a root finder that stops at 2e-12; its
/// beta.ppf gives .0581917003403721.
TEST(ClopperPearson, KnownAnswer) {
  const Interval interval = clopper_pearson_interval(7, 50, 0.95);
  EXPECT_NEAR(interval.low, .05819170033997342, 2e-12);
  EXPECT_NEAR(interval.high, .26739600249700846, 2e-12);
  EXPECT_NEAR(interval.low, .0581917003403721, 1e-15);
}

TEST(ClopperPearson, EndsAreExactWhereAllOrNoneSucceed) {
  const Interval none = clopper_pearson_interval(0, 20, 0.95), all = clopper_pearson_interval(20, 20, 0.95);
  EXPECT_EQ(none.low, 0.0);
  EXPECT_EQ(all.high, 1.0);
  EXPECT_NEAR(none.high, 1.0 - std::pow(0.025, 1.0 / 20), 1e-14);
  EXPECT_NEAR(all.low, std::pow(0.025, 1.0 / 20), 1e-14);
}

double binomial(std::uint64_t k, std::uint64_t n, double p) {
  const double hits = static_cast<double>(k), trials = static_cast<double>(n);
  return std::exp(std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1) +
                  hits * std::log(p) + (trials - hits) * std::log(1 - p));
}

/// Summed over all outcomes it covers at least as often as it says, whatever the rate.
TEST(ClopperPearson, NeverCoversLessOften) {
  for (int percent = 1; percent <= 99; ++percent) {
    const double p = percent / 100.0;
    double covered = 0.0;
    for (std::uint64_t k = 0; k <= 40; ++k) {
      const Interval interval = clopper_pearson_interval(k, 40, 0.9);
      if (interval.low <= p && p <= interval.high) covered += binomial(k, 40, p);
    }
    EXPECT_GE(covered, 0.9 - 1e-12) << p;
  }
}

/// Maurer and Pontil: n = 101, V = 0.25, level 95 %: sqrt(0.5 ln 80 / 101) + 7 ln 80 / 300.
TEST(EmpiricalBernstein, KnownAnswer) {
  const BoundedSample sample{.mean = 0.5, .variance = 0.25, .count = 101};
  const double half = std::sqrt(0.5 * std::log(80.0) / 101) + 7.0 * std::log(80.0) / 300.0;
  const Interval interval = empirical_bernstein_interval(sample, 0.95);
  EXPECT_NEAR(interval.low, 0.5 - half, 1e-14);
  EXPECT_NEAR(interval.high, 0.5 + half, 1e-14);
  EXPECT_EQ(empirical_bernstein_interval({.count = 1}, 0.95).high, 1.0);
}

TEST(EmpiricalBernstein, CoversEveryBinomialOutcomeOftenEnough) {
  constexpr std::uint64_t n = 400;
  for (const double p : {0.01, 0.1, 0.5}) {
    double covered = 0.0;
    for (std::uint64_t k = 0; k <= n; ++k) {
      const double mean = static_cast<double>(k) / n;
      const Interval interval = empirical_bernstein_interval(
          {.mean = mean, .variance = mean * (1 - mean) * n / (n - 1), .count = n}, 0.95);
      if (interval.low <= p && p <= interval.high) covered += binomial(k, n, p);
    }
    EXPECT_GE(covered, 0.95) << p;
  }
}

TEST(Percentile, PositionsOfKnownReplicates) {
  std::vector<double> replicates(999);
  std::iota(replicates.rbegin(), replicates.rend(), 1.0);
  const auto interval = percentile_interval(replicates, 0.95);
  EXPECT_NEAR(interval->low, 25.0, 1e-9);
  EXPECT_NEAR(interval->high, 975.0, 1e-9);
}

TEST(Percentile, UndefinedReplicatesAreDroppedOrRefused) {
  std::vector<double> replicates(1000, 0.5);
  for (std::size_t i = 0; i < 40; ++i) replicates[i] = std::nan("");
  EXPECT_EQ(percentile_interval(replicates, 0.95)->low, 0.5);
  for (std::size_t i = 0; i < 51; ++i) replicates[i] = std::nan("");
  EXPECT_FALSE(percentile_interval(replicates, 0.95));
  EXPECT_FALSE(percentile_interval(std::vector<double>(19, 1.0), 0.95));
}

/// Where the replicates are the quantiles of a normal around the estimate, BCa without acceleration is the
/// percentile interval; with the estimate off their median by z0 the ends move to Phi(2 z0 +- z).
TEST(Bca, CorrectsTheBias) {
  std::vector<double> replicates;
  for (int i = 1; i < 20000; ++i) replicates.push_back(normal_quantile(i / 20000.0));
  const auto plain = percentile_interval(replicates, 0.95), same = bca_interval(replicates, 0.0, 0.0, 0.95);
  EXPECT_NEAR(same->low, plain->low, 1e-3);
  EXPECT_NEAR(same->high, plain->high, 1e-3);
  const double z = normal_quantile(0.975), z0 = 0.2;
  const auto moved = bca_interval(replicates, z0, 0.0, 0.95);
  EXPECT_NEAR(moved->low, 2 * z0 - z, 5e-3);
  EXPECT_NEAR(moved->high, 2 * z0 + z, 5e-3);
  const auto bent = bca_interval(replicates, 0.0, 0.1, 0.95);
  EXPECT_NEAR(bent->low, -z / (1 + 0.1 * z), 5e-3);
  EXPECT_NEAR(bent->high, z / (1 - 0.1 * z), 5e-3);
  EXPECT_FALSE(bca_interval(replicates, 9.0, 0.0, 0.95));
}

TEST(Bca, AccelerationOfASkewedSample) {
  EXPECT_EQ(acceleration_of(std::vector<double>{-1.0, 1.0}), 0.0);
  EXPECT_EQ(acceleration_of(std::vector<double>{0.0, 0.0}), 0.0);
  EXPECT_NEAR(acceleration_of(std::vector<double>{-1.0, -1.0, 2.0}), 6.0 / (6.0 * std::pow(6.0, 1.5)), 1e-15);
}

TEST(BootstrapPValue, CountsTheSmallerSide) {
  std::vector<double> differences(999, 1.0);
  EXPECT_NEAR(*bootstrap_p_value(differences), 2.0 / 1000.0, 1e-15);
  for (std::size_t i = 0; i < 99; ++i) differences[i] = -1.0;
  EXPECT_NEAR(*bootstrap_p_value(differences), 0.2, 1e-15);
  EXPECT_EQ(*bootstrap_p_value(std::vector<double>(999, 0.0)), 1.0);
}

/// The fifteen p-values of Benjamini and Hochberg 1995, section 4.2: the first four are rejected at 5 %.
TEST(BenjaminiHochberg, PublishedExample) {
  const std::vector<double> p{0.0278, 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0298, 0.0344,
                              0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  const auto reject = benjamini_hochberg(p, 0.05);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(reject[i], p[i] <= 0.0095) << p[i];
}

/// A large p-value below its own line takes the smaller ones above theirs along.
TEST(BenjaminiHochberg, StepsUp) {
  EXPECT_EQ(benjamini_hochberg(std::vector<double>{0.04, 0.05}, 0.05), (std::vector<bool>{true, true}));
  EXPECT_TRUE(benjamini_hochberg({}, 0.05).empty());
}

}  // namespace
}  // namespace npo

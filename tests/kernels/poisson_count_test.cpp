#include "kernels/poisson_count.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/poisson.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/poisson_bootstrap.hpp"
#include "tests/kernels/goodness_of_fit.hpp"

/// The law of the bootstrap's counts. Statistical tests have fixed seeds and alpha = 1e-6, and each catches a
/// bug planted in what it tests.
namespace npo {
namespace {

using Count = std::function<int(std::uint64_t seed, std::uint64_t key, std::uint32_t replicate)>;

/// What a count is when the lower 32 bits are forgotten.
int count_without_refinement(std::uint64_t seed, std::uint64_t key, std::uint32_t replicate) {
  const PhiloxWords words = philox(philox_counter(RandomPurpose::bootstrap, key, replicate / 8, 0), seed);
  return static_cast<int>(coarse_count(words.word[replicate % 8 / 2] >> (16 * (replicate % 2)) & 0xffffu));
}

std::vector<double> poisson_law(int largest) {
  const boost::math::poisson law(1.0);
  std::vector<double> probability;
  for (int k = 0; k < largest; ++k) probability.push_back(boost::math::pdf(law, k));
  probability.push_back(boost::math::cdf(boost::math::complement(law, largest - 1)));
  return probability;
}

bool follows_poisson(const Count& count) {
  constexpr int largest = 8;
  std::vector<std::size_t> seen(largest + 1);
  for (std::uint64_t key = 0; key < 4000; ++key)
    for (std::uint32_t b = 0; b < 1000; ++b)
      ++seen[static_cast<std::size_t>(std::min(count(7, key, b), largest))];
  const auto [statistic, bound] = test::chi_square(seen, poisson_law(largest));
  return statistic < bound;
}

TEST(PoissonCount, CutsAreTheDistributionFunction) {
  const boost::math::poisson law(1.0);
  for (int k = 0; k < max_poisson_count; ++k) {
    // One unit for the rounding of 2^48 P, one for Boost's own.
    EXPECT_NEAR(static_cast<double>(poisson_cut(k)), 0x1p48 * boost::math::cdf(law, k), 2.0) << k;
  }
  EXPECT_LT(0x1p48 * boost::math::cdf(boost::math::complement(law, max_poisson_count)), 0.5)
      << "the next cut would be 2^48";
}

TEST(PoissonCount, FollowsPoissonOfMeanOne) {
  EXPECT_TRUE(follows_poisson(poisson_count));
  EXPECT_FALSE(follows_poisson(count_without_refinement)) << "counts above 5 are missing";
  EXPECT_FALSE(follows_poisson([](std::uint64_t seed, std::uint64_t key, std::uint32_t b) {
    return std::min(poisson_count(seed, key, b), 5);
  }));
}

/// Given that the upper bits fall on a cut, the lower ones decide with the cut's own lower bits as odds.
TEST(PoissonCount, RefinementSplitsTheCellsOfTheCuts) {
  const PhiloxKey key(3);
  constexpr std::size_t draws = 200000;
  for (int k = 0; k < coarse_cuts; ++k) {
    std::vector<std::size_t> seen(2);
    for (std::uint32_t i = 0; i < draws; ++i) {
      const std::uint32_t count = refined_count(key, coarse_cut(k), i / 64, i % 64);
      const std::size_t above = count - static_cast<std::uint32_t>(k);
      ASSERT_LE(above, 1u);
      ++seen[above];
    }
    const double below = static_cast<double>(poisson_cut(k) & 0xffffffffu) * 0x1p-32;
    const std::vector<double> odds{below, 1.0 - below}, planted{below + 0.01, 0.99 - below};
    const auto [statistic, bound] = test::chi_square(seen, odds);
    EXPECT_LT(statistic, bound) << k;
    EXPECT_GT(test::chi_square(seen, planted).statistic, bound) << k;
  }
}

TEST(PoissonCount, RefinementGivesTheTailItsLaw) {
  const PhiloxKey key(4);
  std::vector<std::size_t> seen(5);  // 5, 6, 7, 8, more
  constexpr std::uint32_t cells = 0x10000u - uncertain_from;
  for (std::uint32_t i = 0; i < 400000; ++i) {
    const std::uint32_t count = refined_count(key, uncertain_from + i % cells, i / 64, i % 64);
    ASSERT_TRUE(count >= 5 && count <= 16);
    ++seen[std::min(count, 9u) - 5u];
  }
  // Counts of 5 in the tail's cells are those of the first cell's lower part.
  std::vector<double> law{static_cast<double>(poisson_cut(5) & 0xffffffffu) * 0x1p-32 / cells};
  const auto cut = [](int k) { return static_cast<double>(poisson_cut(k)) * 0x1p-32 - uncertain_from; };
  for (int k = 5; k < 8; ++k) law.push_back((cut(k + 1) - cut(k)) / cells);
  law.push_back(1.0 - cut(8) / cells);
  const auto [statistic, bound] = test::chi_square(seen, law);
  EXPECT_LT(statistic, bound);
}

/// Correlation of the counts of two sequences of draws that must be independent.
double correlation(const Count& first, const Count& second) {
  std::vector<double> a, b;
  for (std::uint64_t key = 0; key < 3000; ++key)
    for (std::uint32_t replicate = 0; replicate < 100; ++replicate) {
      a.push_back(first(11, key, replicate));
      b.push_back(second(11, key, replicate));
    }
  return std::abs(test::correlation_score(a, b));
}

TEST(PoissonCount, IsIndependentAcrossReplicatesUnitsAndSeeds) {
  const auto moved = [](std::uint64_t seed, std::uint64_t key, std::uint32_t replicate) {
    return [=](std::uint64_t s, std::uint64_t k, std::uint32_t b) {
      return poisson_count(s + seed, k + key, b + replicate);
    };
  };
  for (const std::uint32_t step : {1u, 2u, 3u, 4u, 7u, 8u, 16u, 128u})
    EXPECT_LT(correlation(poisson_count, moved(0, 0, step)), test::correlation_bound) << step;
  for (const std::uint64_t step : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32})
    EXPECT_LT(correlation(poisson_count, moved(0, step, 0)), test::correlation_bound) << step;
  EXPECT_LT(correlation(poisson_count, moved(1, 0, 0)), test::correlation_bound);

  const Count neighbours_share = [](std::uint64_t s, std::uint64_t k, std::uint32_t b) {
    return poisson_count(s, k / 2, b);
  };
  const Count next = [&](std::uint64_t s, std::uint64_t k, std::uint32_t b) {
    return neighbours_share(s, k + 1, b);
  };
  EXPECT_GT(correlation(neighbours_share, next), test::correlation_bound);
}

/// Squares, too: a dependence may leave the means alone.
TEST(PoissonCount, IsIndependentInItsSpread) {
  const auto spread = [](std::uint32_t step) {
    return [=](std::uint64_t s, std::uint64_t k, std::uint32_t b) {
      const int count = poisson_count(s, k, b + step);
      return (count - 1) * (count - 1);
    };
  };
  for (const std::uint32_t step : {1u, 2u, 8u})
    EXPECT_LT(correlation(spread(0), spread(step)), test::correlation_bound) << step;
}

}  // namespace
}  // namespace npo

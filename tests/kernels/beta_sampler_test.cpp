#include "kernels/beta_sampler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/beta_fit.hpp"
#include "tests/kernels/lane_probe.hpp"

namespace npo {
namespace {

using test::BetaRequest;

using test::fit;
using test::Fit;
using test::Gammas;

Gammas draw(const BetaRequest& request) {
  Gammas gammas{std::vector<float>(request.count), std::vector<float>(request.count)};
  std::vector<std::uint32_t> hash(request.count);
  test::probe_of(widest_simd_level()).betas(request, gammas.x.data(), gammas.y.data(), hash.data());
  return gammas;
}

constexpr std::size_t many = 307200;

class BetaLaw : public testing::TestWithParam<std::pair<float, float>> {};

TEST_P(BetaLaw, DrawsFollowTheDistributionFunction) {
  const auto [a, b] = GetParam();
  const bool slow_reference = a + b > 1e4f || a != std::floor(a) || b != std::floor(b);
  const std::size_t count = slow_reference ? many / 8 : many;
  const Fit result = fit(draw({a, b, 20261121, 1, 0, 0, count}), a, b);
  EXPECT_LT(result.kolmogorov_smirnov, test::kolmogorov_smirnov_bound);
  EXPECT_LT(result.anderson_darling, test::anderson_darling_bound);
}

INSTANTIATE_TEST_SUITE_P(Shapes, BetaLaw,
                         testing::Values(std::pair{1.0f, 1.0f}, std::pair{1.0f, 50.0f},
                                         std::pair{50.0f, 1.0f}, std::pair{1.5f, 2.25f},
                                         std::pair{2.0f, 9.0f}, std::pair{50.0f, 50.0f},
                                         std::pair{1000.0f, 3.0f}, std::pair{700.5f, 1300.25f},
                                         std::pair{1e5f, 1e5f}, std::pair{1e6f, 2e4f},
                                         std::pair{1.0f, 1e6f}));

TEST(BetaPlantedBug, AShapeOffByOneIsCaught) {
  EXPECT_FALSE(fit(draw({2.0f, 1.0f, 20261121, 1, 0, 0, many}), 1.0, 1.0).accepted());
  EXPECT_FALSE(fit(draw({51.0f, 1.0f, 20261121, 1, 0, 0, many}), 50.0, 1.0).accepted());
  EXPECT_FALSE(fit(draw({1000.0f, 4.0f, 20261121, 1, 0, 0, many}), 1000.0, 3.0).accepted());
}

TEST(BetaPlantedBug, ABiasedAcceptanceUniformIsCaught) {
  for (const auto& [a, b] : {std::pair{1.0f, 1.0f}, {1.0f, 2.0f}}) {
    const Fit result = fit(draw({a, b, 20261121, 1, 0, 0, many, test::Sabotage::biased_uniform}), a, b);
    EXPECT_FALSE(result.accepted()) << result.kolmogorov_smirnov << " " << result.anderson_darling;
  }
}

std::vector<double> thetas(const BetaRequest& request) {
  const Gammas gammas = draw(request);
  std::vector<double> result;
  for (std::size_t i = 0; i < gammas.x.size(); ++i)
    result.push_back(double{gammas.x[i]} / (double{gammas.x[i]} + gammas.y[i]));
  return result;
}

double between(const BetaRequest& first, const BetaRequest& second) {
  return std::fabs(test::correlation_score(thetas(first), thetas(second)));
}

constexpr BetaRequest stream{1.5f, 3.0f, 5, 1, 0, 0, many};

TEST(BetaStreams, NeighboursAreUncorrelated) {
  BetaRequest next_entity = stream, next_step = stream, next_block = stream, next_seed = stream,
              high_seed = stream;
  next_entity.first_entity += 1;
  next_step.step += 1;
  next_block.block += 1;
  next_seed.seed += 1;
  high_seed.seed += std::uint64_t{1} << 32;
  for (const BetaRequest& other : {next_entity, next_step, next_block, next_seed, high_seed})
    EXPECT_LT(between(stream, other), test::correlation_bound);
}

TEST(BetaPlantedBug, AReusedCounterIsCaught) {
  BetaRequest other_arm = stream;  // another arm that forgot to use its own block
  other_arm.shape_a = 4.0f;
  EXPECT_GT(between(stream, other_arm), test::correlation_bound);
}

TEST(BetaSampler, TheTwoGammasOfABetaAreUncorrelated) {
  const Gammas gammas = draw({1.0f, 2.0f, 8, 1, 0, 0, many});
  EXPECT_LT(std::fabs(test::correlation_score(std::vector<double>(gammas.x.begin(), gammas.x.end()),
                                              std::vector<double>(gammas.y.begin(), gammas.y.end()))),
            test::correlation_bound);
}

TEST(BetaSampler, LargestShapesKeepMeanAndDeviation) {
  // At 1e9 theta is resolved to about 1/100 of its deviation; mean and deviation hold to sampling error and
  // that.
  const auto values = thetas({1e9f, 1e9f, 4, 1, 0, 0, many});
  double mean = 0.0, square = 0.0;
  const double n = static_cast<double>(values.size()), deviation = 0.5 / std::sqrt(2e9);
  for (const double theta : values) mean += (theta - 0.5) / deviation / n;
  for (const double theta : values) square += std::pow((theta - 0.5) / deviation - mean, 2) / n;
  EXPECT_NEAR(mean, 0.0, 5.0 / std::sqrt(n) + 0.01);
  EXPECT_NEAR(std::sqrt(square), 1.0, 5.0 / std::sqrt(2.0 * n) + 0.01);
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/study_run.hpp"
#include "kernels/study_tally.hpp"

/// The slow limit of Lai and Robbins (1985): regret grows as ln T times a constant, 7.5165 for Bernoulli arms
/// 0.1, 0.2, ..., 0.9.
namespace npo {
namespace {

BanditPoint nine_arms(StudyPolicy policy, std::uint32_t horizon) {
  BanditPoint point;
  point.policy.kind = policy;
  point.arms = 9;
  point.means = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
  point.horizon = horizon;
  return point;
}

double lai_robbins(const std::vector<double>& means, double best) {
  double sum = 0.0;
  for (const double p : means) {
    if (p < best)
      sum += (best - p) / (p * std::log(p / best) + (1.0 - p) * std::log((1.0 - p) / (1.0 - best)));
  }
  return sum;
}

StudyTally study(const BanditPoint& point, std::vector<std::uint32_t> checkpoints, std::size_t replicates) {
  StudyTally tally(bandit_metrics(point.arms), checkpoints);
  constexpr std::size_t block_replicates = 1024;
  for (std::size_t first = 0; first < replicates; first += block_replicates) {
    StudyBlock block;
    simulate_bandits(point, {1, 0}, {first, block_replicates}, checkpoints, widest_simd_level(), block);
    tally.add(block);
  }
  return tally;
}

TEST(LaiRobbins, TheSlopeOfThompsonSamplingNearsTheConstant) {
  const BanditPoint point = nine_arms(StudyPolicy::thompson, 1'000'000);
  EXPECT_NEAR(lai_robbins(point.means, 0.9), 7.5165, 1e-4);
  const StudyTally tally = study(point, {10'000, 100'000, 1'000'000}, 8192);
  const StudySummary early = tally.summary(1, 0), late = tally.summary(2, 0);
  const double slope = (late.mean - early.mean) / std::log(10.0);
  const double error = (late.standard_error + early.standard_error) / std::log(10.0);
  EXPECT_GT(slope - 2.0 * error, 6.0) << slope << " +- " << error;
  EXPECT_LT(slope + 2.0 * error, 8.0) << slope << " +- " << error;
  // Regret over ln T is still far below its limit: about 5 at T = 1e5.
  EXPECT_NEAR(early.mean / std::log(1e5), 5.0, 0.3);
}

}  // namespace
}  // namespace npo

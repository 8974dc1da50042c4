#include <gtest/gtest.h>

#include <cmath>

#include "kernels/study_run.hpp"
#include "kernels/study_tally.hpp"

/// Regret against numbers that others have published or that follow from the definition.
namespace npo {
namespace {

StudySummary regret_of(const BanditPoint& point, std::size_t replicates) {
  const std::uint32_t last[] = {point.horizon};
  StudyTally tally(bandit_metrics(point.arms), {point.horizon});
  StudyBlock block;
  simulate_bandits(point, {1, 0}, {0, replicates}, last, widest_simd_level(), block);
  tally.add(block);
  return tally.summary(0, 0);
}

/// Three arms that change every thousand steps: the non-stationary problem of SMPyBandits (Besson 2018).
BanditPoint changing_arms(StudyPolicy policy) {
  BanditPoint point;
  point.policy.kind = policy;
  point.policy.discount = 0.95;
  point.arms = 3;
  point.means = {0.2, 0.5, 0.9, 0.2, 0.2, 0.9, 0.2, 0.2, 0.1, 0.7, 0.2, 0.1, 0.7, 0.5, 0.1};
  point.break_every = 1000;
  point.horizon = 5000;
  return point;
}

TEST(BanditRegret, ThompsonSamplingOnChangingArmsIsAsPublished) {
  const StudySummary plain = regret_of(changing_arms(StudyPolicy::thompson), 1024);
  // Published: 444, from one study of at least 100 replicates, whose standard error is at most 190 / sqrt
  // 100.
  EXPECT_NEAR(plain.mean, 444.0, 4.0 * 19.0);
  EXPECT_NEAR(std::sqrt(plain.variance), 190.0, 40.0);
}

TEST(BanditRegret, DiscountingAndWindowsHelpWhenArmsChange) {
  const StudySummary plain = regret_of(changing_arms(StudyPolicy::thompson), 1024);
  const StudySummary discounted = regret_of(changing_arms(StudyPolicy::discounted_thompson), 1024);
  const StudySummary sliding = regret_of(changing_arms(StudyPolicy::sliding_thompson), 1024);
  EXPECT_LT(discounted.mean + 5.0 * discounted.standard_error, plain.mean - 5.0 * plain.standard_error);
  EXPECT_LT(sliding.mean + 5.0 * sliding.standard_error, discounted.mean);
  // 377.2 +- 0.7 from a separate program over std::gamma_distribution in double.
  EXPECT_NEAR(discounted.mean, 377.2, 5.0 * (0.7 + discounted.standard_error));
}

TEST(BanditRegret, AFixedArmLosesItsGapEveryStep) {
  BanditPoint point;
  point.policy.kind = StudyPolicy::fixed;
  point.policy.fixed_arm = 1;
  EXPECT_NEAR(regret_of(point, 20).mean, 0.6 * 1000.0, 1e-4);
  EXPECT_EQ(regret_of(point, 20).variance, 0.0);
  point.policy.fixed_arm = 4;
  EXPECT_EQ(regret_of(point, 20).mean, 0.0);
}

TEST(BanditRegret, ExploringAlwaysLosesTheMeanGap) {
  BanditPoint point;
  point.policy.kind = StudyPolicy::epsilon_greedy;
  point.policy.epsilon = 1.0;
  const StudySummary regret = regret_of(point, 2000);
  EXPECT_NEAR(regret.mean, 0.4 * 1000.0, 5.0 * regret.standard_error);
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "tests/kernels/loop_samples.hpp"

/// What options must not change, and what they must.
namespace npo {
namespace {

using loop_test::checkpoints_to;
using loop_test::defaults;
using loop_test::records;

constexpr std::uint32_t horizon = 700;
constexpr std::size_t worlds = 48;

StudyBlock simulate(const LoopPoint& point) {
  StudyBlock block;
  simulate_loops(point, {5, 0}, {0, worlds}, checkpoints_to(point.horizon), widest_simd_level(), block);
  return block;
}
StudyBlock simulate(const std::function<void(LoopPoint&)>& change) {
  LoopPoint point = defaults(horizon);
  change(point);
  return simulate(point);
}

double total(const StudyBlock& block, LoopColumn column, std::uint32_t offset = 0) {
  double sum = 0;
  for (std::size_t c = 0; c < block.checkpoints(); ++c)
    for (const float value : block.column(c, static_cast<std::size_t>(column) + offset)) sum += value;
  return sum;
}
double last(const StudyBlock& block, LoopColumn column) {
  const auto values = block.column(block.checkpoints() - 1, static_cast<std::size_t>(column));
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Columns of what the operator did.
std::vector<float> answers(const StudyBlock& block) {
  std::vector<float> all;
  for (std::size_t c = 0; c < block.checkpoints(); ++c)
    for (std::size_t k = 0; k <= static_cast<std::size_t>(LoopColumn::excess); ++k)
      all.insert(all.end(), block.column(c, k).begin(), block.column(c, k).end());
  return all;
}

/// With scores and arm held still nothing that is hidden from the learner can show in what is tallied.
TEST(LoopOptions, AblationsHideFromTheLearnerOnly) {
  const auto still = [](LoopPoint& p) {
    p.policy.kind = StudyPolicy::fixed;
    p.policy.fixed_arm = 2;
    p.learning.step = LoopStep::constant;
    p.learning.eta = 0.0;
  };
  const StudyBlock full = simulate(still);
  for (const auto ablation : {LoopAblation::no_override, LoopAblation::no_monitor,
                              LoopAblation::fixed_interval, LoopAblation::reward_only}) {
    const StudyBlock ablated = simulate([&](LoopPoint& p) {
      still(p);
      p.ablation = ablation;
    });
    EXPECT_EQ(answers(ablated), answers(full)) << static_cast<int>(ablation);
    EXPECT_NE(records(ablated), records(full)) << "the monitor must notice, " << static_cast<int>(ablation);
  }
  EXPECT_GT(total(full, LoopColumn::overrides), 0.0);
}

TEST(LoopOptions, WithoutOverridesTheBanditSeesNoFailure) {
  // Scores hold still and nothing is liked but what is surfaced and right: the bandit's only failures are
  // overrides.
  const auto shares = [](LoopAblation ablation) {
    const StudyBlock block = simulate([&](LoopPoint& p) {
      p.ablation = ablation;
      p.world.latent = LoopLatent::constant;
      p.world.base_rate = 0.0;  // every surfaced decision that is looked at is overridden
      p.learning.step = LoopStep::constant;
      p.learning.eta = 0.0;
      p.op.look_withheld = 0.0;
    });
    return total(block, LoopColumn::arm) / total(block, LoopColumn::episodes);
  };
  EXPECT_LT(shares(LoopAblation::full), 0.1) << "the lowest threshold is overridden most";
  EXPECT_NEAR(shares(LoopAblation::no_override), 0.2, 0.01);
  EXPECT_NEAR(shares(LoopAblation::reward_only), 0.2, 0.01);
}

TEST(LoopOptions, AFixedThresholdIsThatArm) {
  const auto ablated = records(simulate([](LoopPoint& p) { p.ablation = LoopAblation::fixed_threshold; }));
  const auto fixed = records(simulate([](LoopPoint& p) {
    p.policy.kind = StudyPolicy::fixed;
    p.policy.fixed_arm = 2;
  }));
  EXPECT_EQ(ablated, fixed);
  const StudyBlock moved = simulate([](LoopPoint& p) {
    p.ablation = LoopAblation::fixed_threshold;
    p.ablated_threshold = 0.999;
  });
  EXPECT_EQ(total(moved, LoopColumn::arm, 4), total(moved, LoopColumn::episodes));
  const StudyBlock highest_arm = simulate([](LoopPoint& p) {
    p.policy.kind = StudyPolicy::fixed;
    p.policy.fixed_arm = 4;
  });
  EXPECT_LT(total(moved, LoopColumn::surfaced), 0.9 * total(highest_arm, LoopColumn::surfaced));
}

TEST(LoopOptions, WithoutAMonitorNothingRingsAndNothingElseChanges) {
  const auto silent = [](LoopPoint& p) {
    p.monitor.reference = LoopReference::absolute;
    p.monitor.theta = 0.999;
  };
  const StudyBlock watched = simulate(silent), blind = simulate([&](LoopPoint&p) {
                                                 silent(p);
                                                 p.ablation = LoopAblation::no_monitor;
                                               });
  EXPECT_EQ(answers(watched), answers(blind));
  EXPECT_EQ(last(blind, LoopColumn::retrains), 0.0);
  EXPECT_EQ(total(blind, LoopColumn::watches), 0.0);
  EXPECT_GT(total(watched, LoopColumn::watches), 0.0);
  const StudyBlock off = simulate([&](LoopPoint& p) {
    silent(p);
    p.monitor.kind = LoopMonitorKind::off;
  });
  EXPECT_EQ(records(off), records(blind));
}

TEST(LoopOptions, RetrainsByTheClock) {
  const StudyBlock block = simulate([](LoopPoint& p) {
    p.ablation = LoopAblation::fixed_interval;
    p.ablated_interval = 90;
  });
  EXPECT_EQ(last(block, LoopColumn::retrains), 7.0 * worlds);
}

/// A retrain restarts step sizes: with eta_1 = 1 the next answer overwrites the score.
TEST(LoopOptions, ARetrainRestartsTheSteps) {
  const auto error_with_interval = [](std::uint32_t interval) {
    return last(simulate([&](LoopPoint& p) {
                  p.ablation = LoopAblation::fixed_interval;
                  p.ablated_interval = interval;
                  p.learning.n0 = 0.0;
                  p.world.latent = LoopLatent::constant;
                  p.world.scenarios = 1;
                  p.op.look_surfaced = p.op.look_withheld = 1.0;
                }),
                LoopColumn::score_error) /
           worlds;
  };
  EXPECT_LT(error_with_interval(horizon + 1), 0.01);
  EXPECT_GT(error_with_interval(1), 0.15) << "the score is the last answer: 0, 1/2 or 1";
}

/// A drift that redraws nothing sums the expected losses anew, which must change nothing.
TEST(LoopOptions, ExpectedLossesKeptUpToDateAreThoseFromScratch) {
  const auto drift = [](LoopPoint& p) {
    for (std::uint32_t t = 2; t <= 150; ++t) p.world.drift_episodes.push_back(t);
    p.world.redraw = 0.0;
  };
  for (const bool beta : {false, true}) {
    const auto change = [&](LoopPoint& p) {
      if (beta) p.world.latent = LoopLatent::beta;
      p.world.blocked_share = beta ? 0.1 : 0.0;
    };
    const StudyBlock plain = simulate(change), summed = simulate([&](LoopPoint&p) {
                                                 change(p);
                                                 drift(p);
                                               });
    const auto expected_loss = static_cast<std::size_t>(LoopColumn::expected_loss);
    for (std::size_t c = 0; c < plain.checkpoints(); ++c)
      for (std::size_t i = 0; i < worlds; ++i)
        EXPECT_NEAR(plain.column(c, expected_loss)[i], summed.column(c, expected_loss)[i],
                    1e-5f * plain.column(c, expected_loss)[i])
            << "sums of floats in shorter stretches";
    EXPECT_EQ(last(plain, LoopColumn::retrains), last(summed, LoopColumn::retrains));
    EXPECT_EQ(last(plain, LoopColumn::score_error), last(summed, LoopColumn::score_error));
  }
}

TEST(LoopOptions, DriftChangesTheTruthButNotTheScores) {
  const auto one = [](LoopPoint& p) {
    p.learning.step = LoopStep::constant;
    p.learning.eta = 0.0;
    p.world.initial_noise = 0.0;
    p.world.initial_slope = 1.0;  // scores are the first truth
  };
  EXPECT_EQ(last(simulate(one), LoopColumn::score_error), 0.0);
  const StudyBlock drifted = simulate([&](LoopPoint& p) {
    one(p);
    p.world.drift_episodes = {251};
  });
  const auto column = static_cast<std::size_t>(LoopColumn::score_error);
  const auto before = drifted.column(6, column), after = drifted.column(7, column);
  EXPECT_EQ(std::accumulate(before.begin(), before.end(), 0.0), 0.0) << "checkpoint 250 is before the drift";
  EXPECT_NEAR(std::accumulate(after.begin(), after.end(), 0.0) / worlds, 0.5, 0.05);
}

TEST(LoopOptions, BlockedScenariosGetNoFeedback) {
  const StudyBlock block = simulate([](LoopPoint& p) { p.world.blocked_share = 0.25; });
  EXPECT_NEAR(total(block, LoopColumn::blocked) / total(block, LoopColumn::episodes), 0.25, 0.02);
  const StudyBlock all = simulate([](LoopPoint& p) { p.world.blocked_share = 1.0; });
  EXPECT_EQ(total(all, LoopColumn::decisions), 0.0);
  EXPECT_EQ(total(all, LoopColumn::updates), 0.0);
  EXPECT_EQ(total(all, LoopColumn::watches), 0.0);
}

TEST(LoopOptions, PopularScenariosComeMoreOften) {
  LoopPoint point = defaults(4000);
  point.world.scenarios = 10;
  point.world.zipf = 1.0;
  const LoopTrace trace = trace_loop(point, {3, 0}, 0);
  std::vector<double> seen(10);
  for (const std::uint32_t s : trace.scenario) seen[s] += 1.0;
  double normaliser = 0;
  for (int s = 0; s < 10; ++s) normaliser += 1.0 / (s + 1);
  for (int s = 0; s < 10; ++s) {
    const double share = 1.0 / (s + 1) / normaliser;
    EXPECT_NEAR(seen[static_cast<std::size_t>(s)] / 4000.0, share,
                loop_test::normal_bound * std::sqrt(share * (1.0 - share) / 4000.0));
  }
}

/// Everything random about operators is common to all policies and thresholds.
TEST(LoopOptions, PointsShareTheirRandomNumbers) {
  LoopPoint thompson = defaults(200), fixed = thompson;
  fixed.policy.kind = StudyPolicy::fixed;
  for (std::uint64_t replicate = 0; replicate < 5; ++replicate)
    EXPECT_EQ(trace_loop(thompson, {3, 0}, replicate).scenario,
              trace_loop(fixed, {3, 0}, replicate).scenario);
  EXPECT_NE(trace_loop(thompson, {3, 0}, 0).scenario, trace_loop(thompson, {3, 1}, 0).scenario);
}

}  // namespace
}  // namespace npo

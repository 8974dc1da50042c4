#include <gtest/gtest.h>

#include "tests/kernels/loop_samples.hpp"

/// Answers known in closed form (spec section 9, rows 1, 2, 3, 6 and 8), with one scenario and an operator
/// who always looks, so that y is z whatever was decided. Means and variances over replicates are compared
/// within 4.9 standard errors (alpha = 1e-6).
namespace npo {
namespace {

using loop_test::Moments;
using loop_test::moments_of;
using loop_test::normal_bound;
using loop_test::simulate_column;

constexpr std::size_t replicates = 200000;

LoopPoint one_scenario(double approval) {
  LoopPoint point;
  point.policy.kind = StudyPolicy::fixed;
  point.world.scenarios = 1;
  point.world.latent = LoopLatent::constant;
  point.world.base_rate = approval;
  point.world.initial_noise = 0.0;
  point.op.look_surfaced = point.op.look_withheld = 1.0;
  point.op.neutral_share = 0.0;
  point.monitor.kind = LoopMonitorKind::off;
  return point;
}

double first_score(const LoopPoint& point) {
  return 0.5 + point.world.initial_slope * (point.world.base_rate - 0.5);
}

Moments score_after(const LoopPoint& point, std::uint32_t episodes) {
  return moments_of(simulate_column(point, replicates, episodes, LoopColumn::mean_score));
}

TEST(LoopLaw, ConstantStepsFollowTheClosedForm) {
  for (const double eta : {0.02, 0.1, 0.5}) {
    LoopPoint point = one_scenario(0.3);
    point.learning.step = LoopStep::constant;
    point.learning.eta = eta;
    for (const std::uint32_t n : {1u, 7u, 40u}) {
      const Moments seen = score_after(point, n);
      const double mean = 0.3 + std::pow(1.0 - eta, n) * (first_score(point) - 0.3);
      const double variance = 0.21 * eta / (2.0 - eta) * (1.0 - std::pow(1.0 - eta, 2.0 * n));
      EXPECT_NEAR(seen.mean, mean, normal_bound * seen.mean_error) << eta << ", " << n;
      EXPECT_NEAR(seen.variance, variance, normal_bound * seen.variance_error) << eta << ", " << n;
    }
  }
}

TEST(LoopLaw, FeedbackThatIsLateIsLearnedLater) {
  LoopPoint point = one_scenario(0.3);
  point.learning.step = LoopStep::constant;
  point.learning.delay = 30;
  const Moments seen = score_after(point, 50);  // 20 updates
  EXPECT_NEAR(seen.mean, 0.3 + std::pow(0.9, 20) * (first_score(point) - 0.3),
              normal_bound * seen.mean_error);
  const Moments nothing_yet = score_after(point, 30);
  EXPECT_LT(nothing_yet.variance, 1e-20);
  EXPECT_NEAR(nothing_yet.mean, first_score(point), 1e-6);
}

TEST(LoopLaw, HarmonicStepsGiveTheRunningMean) {
  LoopPoint point = one_scenario(0.7);
  point.learning.n0 = 0.0;
  for (const std::uint32_t n : {1u, 10u, 100u}) {
    const Moments error = moments_of(simulate_column(point, replicates, n, LoopColumn::score_error));
    EXPECT_NEAR(error.mean, 0.21 / n, normal_bound * error.mean_error) << n;
  }
}

/// The exact variance follows from its recursion, which approaches c^2 v / (2c - 1) over n.
TEST(LoopLaw, RobbinsMonroVarianceTendsToItsLimit) {
  for (const double c : {0.75, 2.0}) {
    LoopPoint point = one_scenario(0.5);
    point.learning.c = c;
    point.learning.n0 = 0.0;
    double variance = 0.0;
    for (int n = 1; n <= 1000; ++n) {
      const double eta = std::min(1.0, c / n);
      variance = (1.0 - eta) * (1.0 - eta) * variance + eta * eta * 0.25;
    }
    const double limit = c * c * 0.25 / (2.0 * c - 1.0);
    EXPECT_NEAR(1000.0 * variance / limit, 1.0, 0.06) << "the recursion itself, c = " << c;
    const Moments seen = moments_of(simulate_column(point, 50000, 1000, LoopColumn::mean_score));
    EXPECT_NEAR(seen.variance, variance, normal_bound * seen.variance_error) << c;
  }
}

TEST(LoopLaw, SwappedAnswersMoveTheLimit) {
  for (const double swap : {0.1, 0.5, 0.8}) {
    LoopPoint point = one_scenario(0.9);
    point.op.swap = swap;
    point.learning.n0 = 0.0;
    const Moments seen = score_after(point, 30);
    EXPECT_NEAR(seen.mean, 0.9 * (1.0 - swap) + 0.1 * swap, normal_bound * seen.mean_error) << swap;
  }
}

/// Ten pseudo-updates at the first score keep it away from the thresholds.
TEST(LoopLaw, NeutralAnswersBiasTheLimit) {
  const double q = 0.4;
  const auto expect_limit = [&](LoopPoint point, double target) {
    point.op.neutral_share = q;
    point.learning.n0 = 10.0;
    const Moments seen = score_after(point, 90);
    // R_n = (10 R_0 + sum of y) / (n + 10) when eta_n = 1 / (n + 10).
    EXPECT_NEAR(seen.mean, (10.0 * first_score(point) + 90.0 * target) / 100.0,
                normal_bound * seen.mean_error);
  };
  LoopPoint surfaced = one_scenario(0.7);
  surfaced.thresholds = {0.001, 0.002};
  expect_limit(surfaced, 0.7 * (1.0 - q / 2));
  LoopPoint withheld = one_scenario(0.3);
  withheld.thresholds = {0.998, 0.999};
  expect_limit(withheld, 0.3 + 0.7 * q / 2);
}

/// A planted bug that the tests above must see: one update too many.
TEST(LoopLaw, OneUpdateTooManyShows) {
  LoopPoint point = one_scenario(0.3);
  point.learning.step = LoopStep::constant;
  const Moments seen = score_after(point, 8);
  const double mean = 0.3 + std::pow(0.9, 7) * (first_score(point) - 0.3);
  EXPECT_GT(std::abs(seen.mean - mean), normal_bound * seen.mean_error);
}

/// Scores stand still, so that losses are independent with mean L, and the alarm is wrong at most as often as
/// Hoeffding's inequality allows.
TEST(LoopLaw, TheMonitorIsWrongNoMoreThanHoeffdingAllows) {
  LoopPoint point = one_scenario(0.6);  // always surfaced: L = 0.4
  point.thresholds = {0.001, 0.002};
  point.learning.step = LoopStep::constant;
  point.learning.eta = 0.0;
  point.monitor.kind = LoopMonitorKind::window;
  point.monitor.reference = LoopReference::absolute;
  point.monitor.on_alarm = LoopOnAlarm::watch;
  for (const std::uint32_t window : {25u, 100u}) {
    for (const double theta : {0.3, 0.45, 0.55}) {
      point.monitor.window = window;
      point.monitor.theta = theta;
      const auto hits = simulate_column(point, 40000, 400, LoopColumn::hits);
      const auto watches = simulate_column(point, 40000, 400, LoopColumn::watches);
      double wrong = 0, all = 0;
      for (std::size_t i = 0; i < hits.size(); ++i) {
        wrong += watches[i] - hits[i];
        all += watches[i];
      }
      const double bound = std::exp(-2.0 * window * (theta - 0.4) * (theta - 0.4)), share = wrong / all;
      // Watches of a replicate overlap: at worst all of them say the same.
      const double error = std::sqrt(bound * (1.0 - bound) / 40000.0);
      EXPECT_LE(share, bound + normal_bound * error) << window << ", " << theta;
      EXPECT_GT(share, 0.0) << "nothing was tested";
    }
  }
}

TEST(LoopLaw, AdversarialOperatorsTeachTheOpposite) {
  LoopPoint point;
  point.horizon = 6000;
  point.op.neutral_share = 0.0;
  const Moments honest = moments_of(simulate_column(point, 400, 6000, LoopColumn::score_error));
  point.op.adversarial = 1.0;
  const Moments hostile = moments_of(simulate_column(point, 400, 6000, LoopColumn::score_error));
  EXPECT_LT(honest.mean, 0.01);
  EXPECT_GT(hostile.mean, 0.9);
  point.op.adversarial = 0.25;
  const auto mixed = simulate_column(point, 4000, 6000, LoopColumn::score_error);
  double turned = 0;
  for (const double error : mixed) turned += error > 0.5 ? 1.0 : 0.0;
  EXPECT_NEAR(turned / 4000.0, 0.25, normal_bound * std::sqrt(0.25 * 0.75 / 4000.0));
}

}  // namespace
}  // namespace npo

#include "kernels/ope_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/study_tally.hpp"

namespace npo {
namespace {

constexpr StudySeed seed{11, 0};

std::size_t index_of(const std::string& name) {
  const auto metrics = ope_metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].name == name) return i;
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

std::size_t index_of_error(OpeEstimator estimator) {
  const auto at = std::find(std::begin(ope_study_estimators), std::end(ope_study_estimators), estimator);
  return static_cast<std::size_t>(OpeColumn::error) +
         2 * static_cast<std::size_t>(at - std::begin(ope_study_estimators));
}

TEST(OpeWorld, ItsPoliciesAreProbabilitiesAndItsTruthIsTheirMean) {
  const OpePoint point;
  const OpeWorld world(point, seed, 3);
  double truth = 0.0;
  for (std::size_t c = 0; c < world.contexts; ++c) {
    double logging = 0.0, target = 0.0;
    for (std::size_t a = 0; a < world.actions; ++a) {
      const std::size_t i = world.cell(c, a);
      logging += world.logging[i];
      target += world.target[i];
      truth += world.target[i] * world.reward[i] / static_cast<double>(world.contexts);
      EXPECT_LE(world.target[i] / world.logging[i], world.largest_weight);
    }
    EXPECT_NEAR(logging, 1.0, 1e-14);
    EXPECT_NEAR(target, 1.0, 1e-14);
  }
  EXPECT_NEAR(world.truth, truth, 1e-14);
}

TEST(OpeWorld, EqualPoliciesHaveTheVarianceOfTheReward) {
  OpePoint point;
  point.logging_sharpness = point.target_sharpness = 0.0;
  point.model_noise = 0.0;
  const OpeWorld world(point, seed, 0);
  EXPECT_NEAR(world.ips_variance, world.truth * (1.0 - world.truth), 1e-14);
  EXPECT_NEAR(world.dm_bias, point.model_bias, 1e-12) << "base_rate 0.25 leaves room for the bias";
}

/// A model that is right leaves the noise of the rewards, weighted, and how contexts differ.
TEST(OpeWorld, WithTheRightModelDoublyRobustLeavesTheNoise) {
  OpePoint point;
  point.model_bias = point.model_noise = 0.0;
  const OpeWorld world(point, seed, 2);
  double noise = 0.0, contexts = 0.0;
  for (std::size_t c = 0; c < world.contexts; ++c) {
    contexts += (world.direct[c] - world.truth) * (world.direct[c] - world.truth);
    for (std::size_t i = world.cell(c, 0); i < world.cell(c + 1, 0); ++i)
      noise +=
          world.target[i] * world.target[i] / world.logging[i] * world.reward[i] * (1.0 - world.reward[i]);
  }
  const double share = 1.0 / static_cast<double>(world.contexts);
  EXPECT_NEAR(world.dr_variance, share * (noise + contexts), 1e-14);
  EXPECT_NEAR(world.dm_variance, share * contexts, 1e-14);
  EXPECT_NEAR(world.dm_bias, 0.0, 1e-14);
}

TEST(SimulateOpe, AReplicateDoesNotDependOnItsBlock) {
  const OpePoint point;
  const std::vector<std::uint32_t> checkpoints{10, 100, 300};
  StudyBlock whole, part;
  simulate_ope(point, seed, {5, 40}, checkpoints, whole);
  simulate_ope(point, seed, {30, 7}, checkpoints, part);
  for (std::size_t k = 0; k < checkpoints.size(); ++k)
    for (std::size_t c = 0; c < ope_columns; ++c)
      for (std::size_t r = 0; r < 7; ++r)
        ASSERT_EQ(part.column(k, c)[r], whole.column(k, c)[25 + r]) << "column " << c;
}

/// What an estimator that is a mean expects in a world, less the truth: terms are linear in the reward.
double expected_error(const OpeWorld& world, const OpeTermMaker& term_of) {
  double sum = 0.0;
  for (std::size_t c = 0; c < world.contexts; ++c)
    for (std::size_t i = world.cell(c, 0); i < world.cell(c + 1, 0); ++i) {
      const OpeTerm term = term_of({world.target[i], world.target[i] / world.logging[i], world.reward[i],
                                    world.model[i], world.direct[c]});
      sum += world.logging[i] * (term.direct + term.numerator);
    }
  return sum / static_cast<double>(world.contexts) - world.truth;
}

/// Each with its own parameter: in every world the error differs by chance alone from what the world expects.
/// 5 standard errors: alpha 6e-7 a comparison.
TEST(SimulateOpe, EveryMeanErrsByWhatItsWorldExpects) {
  OpePoint point;
  point.clip = 1.5;
  point.shrinkage = 4.0;
  point.subgaussian = 0.3;
  point.horizon = 200;
  constexpr std::size_t replicates = 2048;
  StudyBlock block;
  simulate_ope(point, seed, {0, replicates}, std::vector<std::uint32_t>{200}, block);
  const OpeTermMaker makers[] = {{OpeEstimator::ips},
                                 {OpeEstimator::clipped_ips, 1.5},
                                 {OpeEstimator::subgaussian_ips, 0.3},
                                 {OpeEstimator::dm},
                                 {OpeEstimator::dr},
                                 {OpeEstimator::switch_dr, 1.5},
                                 {OpeEstimator::dros, 4.0}};
  for (const OpeTermMaker& maker : makers) {
    const auto found = block.column(0, index_of_error(maker.estimator));
    double sum = 0.0, squares = 0.0;
    for (std::size_t r = 0; r < replicates; ++r) {
      const double chance = found[r] - expected_error(OpeWorld(point, seed, r), maker);
      sum += chance;
      squares += chance * chance;
    }
    EXPECT_NEAR(sum, 0.0, 5.0 * std::sqrt(squares)) << name_of(maker.estimator);
  }
}

/// Maurer and Pontil: half width = sqrt(2 V log(4/0.05) / n) + 7 W log(4/0.05) / (3 (n - 1)), and V / n has
/// the mean of the world's squared error.
TEST(SimulateOpe, TheBernsteinIntervalHasItsVarianceAndItsRange) {
  OpePoint point;
  point.logging_sharpness = point.target_sharpness = 0.5;
  point.horizon = 500;
  constexpr std::size_t replicates = 512;
  StudyBlock block;
  simulate_ope(point, seed, {0, replicates}, std::vector<std::uint32_t>{500}, block);
  const auto width = block.column(0, static_cast<std::size_t>(OpeColumn::bernstein_width));
  const double log_term = std::log(4.0 / 0.05);
  double sum = 0.0, squares = 0.0;
  for (std::size_t r = 0; r < replicates; ++r) {
    const OpeWorld world(point, seed, r);
    ASSERT_LT(width[r], 1.0f);
    const double spread = width[r] - 7.0 * world.largest_weight * log_term / (3.0 * 499.0);
    ASSERT_GT(spread, 0.0);
    const double apart = spread * spread / (2.0 * log_term) - world.ips_variance / 500.0;
    sum += apart;
    squares += apart * apart;
  }
  EXPECT_NEAR(sum, 0.0, 5.0 * std::sqrt(squares));
}

/// Mean and standard error of a metric over replicates.
struct Found {
  double mean, error;
};

class Law : public testing::Test {
 protected:
  static constexpr std::size_t replicates = 4096;
  void simulate(OpePoint point, std::uint32_t rows = 200) {
    point.horizon = rows;
    tally_.emplace(ope_metrics(), std::vector<std::uint32_t>{rows});
    StudyBlock block;
    simulate_ope(point, seed, {0, replicates}, tally_->checkpoints(), block);
    tally_->add(block);
  }
  Found found(const std::string& name) const {
    const StudySummary summary = tally_->summary(0, index_of(name));
    return {summary.mean, summary.standard_error};
  }
  std::optional<StudyTally> tally_;
};

/// 5 standard errors: alpha 6e-7 a comparison.
TEST_F(Law, UnbiasedEstimatorsHaveTheirWorldsVariance) {
  simulate({});
  for (const std::string name : {"ips", "dr"}) {
    const Found bias = found(name + "_error"), square = found(name + "_squared_error"),
                theory = found(name + "_theory");
    EXPECT_NEAR(bias.mean, 0.0, 5.0 * bias.error) << name;
    EXPECT_NEAR(square.mean, theory.mean, 5.0 * std::hypot(square.error, theory.error)) << name;
  }
  const Found dm = found("dm_squared_error"), theory = found("dm_theory");
  EXPECT_NEAR(dm.mean, theory.mean, 5.0 * std::hypot(dm.error, theory.error));
  EXPECT_NEAR(found("mean_weight_error").mean, 0.0, 5.0 * found("mean_weight_error").error);
}

/// The same comparison must notice a bias: weights clipped at 1 lose a good part of the reward.
TEST_F(Law, ABiasIsSeen) {
  OpePoint point;
  point.clip = 1.0;
  simulate(point);
  EXPECT_LT(found("clipped_ips_error").mean, -10.0 * found("clipped_ips_error").error);
}

TEST_F(Law, DoublyRobustBeatsBothItsHalvesWhereTheModelIsFair) {
  OpePoint point;
  point.logging_sharpness = 3.0;
  point.model_bias = 0.1;
  point.model_noise = 0.05;
  simulate(point, 1000);
  const double dr = found("dr_squared_error").mean;
  EXPECT_LT(dr, 0.9 * found("ips_squared_error").mean);
  EXPECT_LT(dr, 0.9 * found("dm_squared_error").mean);
}

TEST_F(Law, IntervalsCoverAsTheySay) {
  simulate({});
  EXPECT_GE(found("bernstein_covered").mean, 0.99);
  // 200 rows of moderate weights: the normal interval falls a little short of 95 %.
  EXPECT_NEAR(found("dr_covered").mean, 0.94, 0.02);
}

TEST_F(Law, NormalIntervalsCoverWhereWeightsAreMild) {
  OpePoint point;
  point.logging_sharpness = point.target_sharpness = 0.5;
  simulate(point, 500);
  // 5 standard errors of 4096 replicates are 0.017.
  for (const std::string name : {"ips", "snips", "dr"})
    EXPECT_NEAR(found(name + "_covered").mean, 0.95, 0.02) << name;
}

TEST(SimulateOpe, RefusesWhatIsOutOfRange) {
  StudyBlock block;
  OpePoint point;
  point.base_rate = 0.7;
  EXPECT_THROW(simulate_ope(point, seed, {0, 1}, std::vector<std::uint32_t>{10}, block), Error);
}

}  // namespace
}  // namespace npo

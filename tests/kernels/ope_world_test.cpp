#include "kernels/ope_world.hpp"

#include <gtest/gtest.h>

#include <cmath>
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

TEST(SimulateOpe, RefusesWhatIsOutOfRange) {
  StudyBlock block;
  OpePoint point;
  point.base_rate = 0.7;
  EXPECT_THROW(simulate_ope(point, seed, {0, 1}, std::vector<std::uint32_t>{10}, block), Error);
}

}  // namespace
}  // namespace npo

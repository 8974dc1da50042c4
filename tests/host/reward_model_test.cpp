#include "host/reward_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::size_t actions = 3;

/// A log in memory: two context columns and a reward that depends on one of them and on the action.
class SmallLog final : public OpeLog {
 public:
  explicit SmallLog(std::size_t rows, bool binary = true) {
    std::mt19937_64 engine(2);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    header_.actions = {"a", "b", "c"};
    header_.values = {"x", "noise"};
    header_.roles = {LogValueRole::context, LogValueRole::context};
    for (std::size_t i = 0; i < rows; ++i) {
      const auto action = static_cast<std::uint32_t>(engine() % actions);
      const double x = normal(engine), eta = x * (static_cast<double>(action) - 1.0) - 0.5;
      rows_.action.push_back(action);
      rows_.propensity.push_back(1.0 / 3.0);
      rows_.reward.push_back(binary ? unit(engine) < 1.0 / (1.0 + std::exp(-eta)) : 3.0 * eta + 10.0);
      rows_.values.push_back(x);
      rows_.values.push_back(normal(engine));
    }
  }
  std::string name() const override { return "small"; }
  const LogHeader& header() const override { return header_; }
  std::uint64_t rows() const override { return rows_.rows(); }
  LogRows read(std::uint64_t first, std::uint64_t count) const override {
    LogRows out;
    for (std::uint64_t i = first; i < first + count; ++i) {
      out.action.push_back(rows_.action[i]);
      out.reward.push_back(rows_.reward[i]);
      out.propensity.push_back(rows_.propensity[i]);
      out.values.push_back(rows_.values[2 * i]);
      out.values.push_back(rows_.values[2 * i + 1]);
    }
    return out;
  }
  std::optional<double> chance_of(const LogRow&, std::uint32_t) const override { return std::nullopt; }
  double x(std::size_t row) const { return rows_.values[2 * row]; }
  LogRows& content() { return rows_; }

 private:
  LogHeader header_;
  LogRows rows_;
};

OpeRows fitted(const OpeLog& log, const RewardModelOptions& options, RewardModelReport* report = nullptr) {
  RunContext context;
  context.seed = 5;
  context.threads = 2;
  TargetChoice uniform;
  uniform.policy = "uniform";
  const auto target = make_target(uniform, log);
  OpeRows rows = see_rows(log, *target, context);
  const RewardModelReport found = add_reward_model(log, *target, options, rows, context);
  if (report) *report = found;
  return rows;
}

TEST(RewardModel, LearnsAModelForEachActionWhereThereIsEnough) {
  const SmallLog log(12000);
  RewardModelReport report;
  const OpeRows rows = fitted(log, {}, &report);
  EXPECT_EQ(report.kind, "logistic");
  EXPECT_EQ(report.actions, "each");
  double worst = 0.0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    double mean = 0.0;
    for (int action = 0; action < 3; ++action)
      mean += 1.0 / (1.0 + std::exp(0.5 - log.x(i) * (action - 1.0))) / 3.0;
    worst = std::max(worst, std::fabs(rows.direct[i] - mean));
  }
  // 3200 rows a model: coefficients are good to about 0.04, so that far tails of x stay within 0.1.
  EXPECT_LT(worst, 0.1);
}

TEST(RewardModel, IndicatorsCannotSeeHowActionAndContextGoTogether) {
  const SmallLog log(12000);
  RewardModelReport each, shared;
  fitted(log, {}, &each);
  fitted(log, {.actions = "one-hot"}, &shared);
  EXPECT_EQ(shared.actions, "one-hot");
  EXPECT_LT(each.loss, shared.loss - 0.01);
}

/// Cross-fitting: what is said of a row does not depend on its own reward, but on those of other folds.
TEST(RewardModel, ARowIsNotJudgedByItself) {
  SmallLog log(900);
  const OpeRows before = fitted(log, {.actions = "one-hot"});
  log.content().reward[17] = 1.0 - log.content().reward[17];
  const OpeRows after = fitted(log, {.actions = "one-hot"});
  EXPECT_EQ(after.model[17], before.model[17]);
  std::size_t same = 0;
  for (std::size_t i = 0; i < 900; ++i) same += after.model[i] == before.model[i];
  EXPECT_NEAR(static_cast<double>(same), 180.0, 60.0) << "the row's own fold of five, 5 deviations of 12";
}

TEST(RewardModel, LinearRewardsAreLearnedByTheLinearModel) {
  const SmallLog log(3000, false);
  RewardModelReport report;
  fitted(log, {}, &report);
  EXPECT_EQ(report.kind, "linear");
  // Rewards are linear in x given the action; the ridge alone keeps the fit from being exact.
  EXPECT_LT(report.loss, 1e-4);
  EXPECT_THROW(fitted(log, {.model = "logistic"}), Error);
}

TEST(RewardModel, FewerRowsThanFoldsAreRefused) {
  const SmallLog log(4);
  EXPECT_THROW(fitted(log, {}), Error);
  EXPECT_NO_THROW(fitted(log, {.folds = 2}));
}

}  // namespace
}  // namespace npo

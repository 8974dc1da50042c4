#include "host/retrain_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "host/score_model.hpp"
#include "kernels/rebase_score.hpp"
#include "tests/host/fit_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/state_samples.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::night;

constexpr std::uint64_t night_rows = 5000;

float logit(float p) {
  return elementary::logit<lane::Scalar>(p);
}

/// A fitted old model, and a state that has learned about every 7th scenario (two shards) and one that the
/// file lacks.
class RetrainRun : public testing::Test {
 protected:
  void SetUp() override {
    example_.write(scenarios_);
    FitOptions fit{.scenarios = scenarios_, .output = old_model_, .as_of = night(2), .settings = {}};
    fit.settings.transforms = {{"feature_0", Transform::log1p}};
    run_fit(fit, test::threads(2));
    make_state();
  }

  std::vector<float> base_scores(const std::filesystem::path& model, int of_night) const {
    const auto plan = plan_model(read_model(model), example_.header.features, "f.h5");
    const std::size_t dim = example_.header.features.size();
    std::vector<float> scores(night_rows);
    score_model(plan,
                std::span(example_.features)
                    .subspan(static_cast<std::size_t>(of_night) * night_rows * dim, night_rows * dim),
                scores, SimdLevel::scalar);
    return scores;
  }

  /// Scores on the features of night 3, with corrections that give exactly them under the old model.
  void make_state() {
    StateManifest manifest = test::sample_manifest();
    manifest.policy_json = policy_to_json(Policy{});
    manifest.model_digest = to_hex(model_digest(read_model(old_model_)));
    manifest.shards.clear();
    manifest.ledgers.clear();
    StateTransaction::create(state_, manifest);
    const auto base = base_scores(old_model_, 3);
    std::mt19937 bits(3);
    StateRows rows;
    const auto add = [&](std::uint64_t id, float old_base) {
      const float score = 0.05f + 0.9f * static_cast<float>(bits() >> 8) * 0x1p-24f;
      rows.ids.push_back(id);
      rows.score.push_back(score);
      rows.correction.push_back(logit(score) - logit(old_base));
      rows.updates.push_back(static_cast<std::uint32_t>(1 + bits() % 20));
      rows.steps.push_back(3);
      rows.round.push_back(11);
    };
    StateTransaction transaction(state_);
    StateManifest next = transaction.before().manifest();
    for (std::uint64_t row = 0; row < night_rows; row += 7) {
      add(10 * row + 7, base[row]);
      if (row == 2100) {
        add(10 * row + 8, 0.5f);  // between two scenarios of the file
        before_.push_back(rows);
        next.shards.push_back(transaction.write_shard(std::exchange(rows, {}), next.id));
      }
    }
    before_.push_back(rows);
    next.shards.push_back(transaction.write_shard(rows, next.id));
    transaction.commit(next);
  }

  RetrainReport retrain(std::optional<Rebase> rebase, int threads = 2) {
    return run_retrain({.scenarios = scenarios_,
                        .model = old_model_,
                        .output = new_model_,
                        .state = state_,
                        .as_of = night(3),
                        .rebase = rebase},
                       test::threads(threads));
  }

  StateRows all_rows(const std::vector<StateRows>& shards) const {
    StateRows all;
    for (const auto& part : shards) {
      const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
      append(all.ids, part.ids);
      append(all.score, part.score);
      append(all.correction, part.correction);
      append(all.updates, part.updates);
      append(all.steps, part.steps);
    }
    return all;
  }
  StateRows state_now() const {
    const StateSnapshot state(state_);
    return all_rows({state.shard(0), state.shard(1)});
  }

  test::TemporaryFolder folder_;
  test::ScenarioExample example_ = test::labelled_example(4, night_rows);
  std::filesystem::path scenarios_ = folder_ / "scenarios.h5", old_model_ = folder_ / "old.json",
                        new_model_ = folder_ / "new.json", state_ = folder_ / "state.h5";
  std::vector<StateRows> before_;
};

constexpr std::size_t absent_at = 301;  // in the state: 2100 / 7 + 1

/// Both logits round to some 3 ulp of at most 5, and the sigmoid's slope is at most 1/4: 5e-7, or 8 ulp of a
/// score of 1/2.
constexpr float rounding = 5e-7f;

TEST_F(RetrainRun, ExactLeavesScoresWhereTheyAre) {
  const auto report = retrain(Rebase::exact);
  EXPECT_EQ(report.rebased, (night_rows + 6) / 7);
  EXPECT_EQ(report.absent, 1u);
  EXPECT_EQ(report.night, night(3));
  EXPECT_EQ(report.fit.rows, 2 * night_rows);
  const auto before = all_rows(before_), after = state_now();
  for (std::size_t i = 0; i < before.rows(); ++i) EXPECT_NEAR(after.score[i], before.score[i], rounding) << i;
  EXPECT_LE(report.largest_shift, rounding);
  const auto base = base_scores(new_model_, 3);
  EXPECT_EQ(after.score[0], elementary::shift_log_odds<lane::Scalar>(base[0], after.correction[0]));
}

TEST_F(RetrainRun, ShrinkKeepsAShareThatGrowsWithUpdates) {
  retrain({});  // the policy's default
  const auto base = base_scores(new_model_, 3);
  const auto before = all_rows(before_), after = state_now();
  std::size_t halved = 0;
  for (std::size_t i = 0; i < before.rows(); ++i) {
    if (i == absent_at) continue;
    const std::uint64_t row = (before.ids[i] - 7) / 10;
    const float whole = logit(before.score[i]) - logit(base[row]), n = static_cast<float>(before.updates[i]);
    EXPECT_NEAR(after.correction[i], whole * n / (n + 10.0f), 4 * rounding);
    if (before.updates[i] != 10) continue;
    ++halved;
    EXPECT_NEAR(after.correction[i], 0.5f * whole, 4 * rounding);
  }
  EXPECT_GT(halved, 10u);
}

TEST_F(RetrainRun, ResetForgetsTheCorrection) {
  retrain(Rebase::reset);
  const auto base = base_scores(new_model_, 3);
  const auto after = state_now();
  for (std::size_t i = 0; i < after.rows(); ++i) {
    if (i == absent_at) continue;
    EXPECT_EQ(after.correction[i], 0.0f);
    EXPECT_NEAR(after.score[i], base[(after.ids[i] - 7) / 10], rounding);
  }
}

TEST_F(RetrainRun, AbsentScenariosKeepTheirCorrection) {
  retrain(Rebase::reset);
  const auto before = all_rows(before_), after = state_now();
  EXPECT_EQ(after.ids[absent_at], 21008u);
  EXPECT_EQ(after.correction[absent_at], before.correction[absent_at]);
  EXPECT_EQ(after.score[absent_at], before.score[absent_at]);
}

TEST_F(RetrainRun, CountersWindowsAndModelMoveOn) {
  const auto old = StateSnapshot(state_).manifest();
  const auto report = retrain(Rebase::exact);
  const auto now = StateSnapshot(state_).manifest();
  EXPECT_EQ(now.generation, old.generation + 1);
  EXPECT_EQ(report.generation, now.generation);
  EXPECT_EQ(now.model_digest, to_hex(model_digest(read_model(new_model_))));
  EXPECT_NE(now.model_digest, old.model_digest);
  for (std::size_t fleet = 0; fleet < now.monitors.size(); ++fleet) {
    EXPECT_EQ(now.monitors[fleet].retrains, old.monitors[fleet].retrains + 1);
    EXPECT_EQ(now.monitors[fleet].alarms, old.monitors[fleet].alarms);
    EXPECT_EQ(now.monitors[fleet].window_start, old.round);
    EXPECT_LT(now.monitors[fleet].best_reference, 0.0);
    EXPECT_EQ(now.monitors[fleet].decisions_since_retrain, 0);
  }
  const auto before = all_rows(before_), after = state_now();
  EXPECT_EQ(after.updates, before.updates);
  EXPECT_EQ(after.steps, std::vector<std::uint32_t>(after.rows(), 0));
  EXPECT_EQ(now.successes, old.successes);
}

TEST_F(RetrainRun, SameBitsForAnyNumberOfThreads) {
  retrain({}, 1);
  const auto one = StateSnapshot(state_).digest();
  rollback_state(state_, {});
  std::filesystem::remove(new_model_);
  retrain({}, 3);
  EXPECT_EQ(StateSnapshot(state_).digest(), one);
}

TEST_F(RetrainRun, DryRunMovesNothing) {
  const auto digest = StateSnapshot(state_).digest();
  RunContext context = test::threads(1);
  context.dry_run = true;
  const auto report = run_retrain({.scenarios = scenarios_,
                                   .model = old_model_,
                                   .output = new_model_,
                                   .state = state_,
                                   .as_of = night(3),
                                   .rebase = {}},
                                  context);
  EXPECT_GT(report.mean_shift, 0.0);
  EXPECT_FALSE(std::filesystem::exists(new_model_));
  EXPECT_EQ(StateSnapshot(state_).digest(), digest);
}

TEST_F(RetrainRun, RefusesAModelTheStateDoesNotBelongTo) {
  auto model = read_model(old_model_);
  model.intercept += 1.0;
  write_model(old_model_, model, true);
  expect_error(ErrorKind::usage, {"old.json has digest", "state.h5 belongs to the model"},
               [&] { retrain({}); });
  EXPECT_FALSE(std::filesystem::exists(new_model_));
}

TEST_F(RetrainRun, RefusesAModelWithoutAFit) {
  auto model = read_model(old_model_);
  model.fit_json = "{}";
  write_model(old_model_, model, true);
  expect_error(ErrorKind::bad_data, {"alpha", "npo fit"}, [&] { retrain({}); });
}

TEST(KeptShare, IsHalfAtTenUpdates) {
  EXPECT_EQ(KeptShare{}(10), 0.5f);
  EXPECT_EQ(KeptShare{.shrink_by = 0.0f}(3), 1.0f);
  EXPECT_EQ((KeptShare{.shrink_by = 10.0f, .none = true}(3)), 0.0f);
}

}  // namespace
}  // namespace npo

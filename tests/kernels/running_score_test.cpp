#include "kernels/running_score.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/learn_fixture.hpp"

/// One scenario's score: carried between rounds, moved, taken back.
namespace npo {
namespace {

using test::event_of;
using test::OwnedPartition;

ScoreUpdatePlan plan_of(Carry carry, StepSchedule step = {}) {
  return {step, test::approval, carry};
}

/// One scenario's score with answers learned and taken back.
class OneScore {
 public:
  explicit OneScore(const ScenarioState& state) : score_(running_score(state)) {}
  float at(const ScoreUpdatePlan& plan, float base, std::uint32_t round) {
    return score_.met_by(plan, {base, 0.0f, round});
  }
  void learn(const ScoreUpdatePlan& plan, float target, float base, std::uint32_t round) {
    score_.move(plan, {base, target, round}, true);
  }
  void unlearn(const ScoreUpdatePlan& plan, float target, float base, std::uint32_t round) {
    score_.move(plan, {base, -target, round}, true);
  }
  ScenarioState state() const { return state_of(score_); }

 private:
  RunningScore<lane::Scalar> score_;
};

double logit(double p) {
  return std::log(p / (1.0 - p));
}
double sigmoid(double z) {
  return 1.0 / (1.0 + std::exp(-z));
}

TEST(RunningScore, OffsetTravelsInLogOdds) {
  OneScore score(ScenarioState{});
  score.learn(plan_of(Carry::offset), 1.0f, 0.5f, 3);  // R = 0.55 at m = 0.5
  const ScenarioState state = score.state();
  EXPECT_NEAR(state.correction, logit(0.55), 1e-6);
  EXPECT_EQ(state.round, 3u);
  OneScore again(state);
  EXPECT_EQ(again.at(plan_of(Carry::offset), 0.5f, 3), 0.55f);  // the same round: as stored
  EXPECT_NEAR(again.at(plan_of(Carry::offset), 0.2f, 4), sigmoid(logit(0.2) + logit(0.55)), 2e-7);
  EXPECT_EQ(again.at(plan_of(Carry::keep), 0.2f, 4), 0.55f);
  EXPECT_EQ(again.at(plan_of(Carry::reset), 0.2f, 4), 0.2f);
}

TEST(RunningScore, UnchangedFeaturesGiveTheScoreBack) {
  for (const float base : {0.001f, 0.3f, 0.5f, 0.97f}) {
    OneScore score(ScenarioState{});
    score.learn(plan_of(Carry::offset), 1.0f, base, 0);
    // logit and sigmoid err by 2.5 ulp each; a logit of at most 7 turns its rounding into at most 4e-7 of a
    // score.
    EXPECT_NEAR(score.at(plan_of(Carry::offset), base, 1), base + 0.1f * (1.0f - base), 1e-6f) << base;
  }
}

TEST(RunningScore, CorrectionDoesNotDependOnWhenItIsAskedFor) {
  const ScoreUpdatePlan plan = plan_of(Carry::offset);
  OneScore at_once(ScenarioState{}), step_by_step(ScenarioState{});
  for (std::uint32_t round = 0; round < 5; ++round) {
    const float base = 0.1f + 0.15f * static_cast<float>(round), target = round % 2 == 0 ? 1.0f : 0.0f;
    at_once.learn(plan, target, base, round);
    step_by_step.learn(plan, target, base, round);
    step_by_step = OneScore(step_by_step.state());  // as if each round were another call
  }
  EXPECT_EQ(at_once.state().score, step_by_step.state().score);
  EXPECT_EQ(at_once.state().correction, step_by_step.state().correction);
}

/// Learns answers 0 .. n - 1, then the last one again and its retraction.
void expect_last_is_taken_back(const StepSchedule& step, float tolerance) {
  const ScoreUpdatePlan plan{step, test::approval, Carry::offset};
  for (std::uint32_t entity = 0; entity < 200; ++entity) {
    OneScore score(ScenarioState{});
    for (std::uint32_t i = 0; i < 6; ++i)
      score.learn(plan, test::random_word(entity, i) & 1 ? 1.0f : 0.0f, 0.4f, 0);
    const ScenarioState before = score.state();
    const float target = test::random_word(entity, 99) & 1 ? 1.0f : 0.0f;
    score.learn(plan, target, 0.4f, 0);
    score.unlearn(plan, target, 0.4f, 0);
    const ScenarioState after = score.state();
    EXPECT_NEAR(after.score, before.score, tolerance);
    EXPECT_EQ(after.updates, before.updates);
    EXPECT_EQ(after.steps, before.steps);
    EXPECT_EQ(after.round, before.round);
  }
}

TEST(Retraction, OfTheLastUpdateIsExact) {
  // Learning rounds three times by at most 2^-25, taking back three times; the division by 1 - eta >= 0.8
  // enlarges that.
  expect_last_is_taken_back({StepSchedule::Kind::constant, 0.1f, 1.0f, 1.0f, 1.0f}, 6 * 0x1p-25f / 0.8f);
  expect_last_is_taken_back({StepSchedule::Kind::robbins_monro, 0.1f, 1.0f, 1.0f, 1.0f}, 6 * 0x1p-25f / 0.8f);
}

TEST(Retraction, OfTheOnlyUpdateForgetsTheScenario) {
  OwnedPartition partition(1, 1);
  partition.add(event_of(0, 0, FeedbackKind::like), 1, 1);
  partition.add(event_of(0, 0, FeedbackKind::retract), 2, 2);
  const LearnCounts counts = partition.learn(plan_of(Carry::offset));
  EXPECT_EQ(counts.retracted, 1u);
  const ScenarioState state = partition.scenarios[0];
  EXPECT_EQ(state.updates, 0u);
  EXPECT_EQ(state.score, 0.0f);
  EXPECT_EQ(state.correction, 0.0f);
  EXPECT_EQ(partition.ledger[0], 0);
  EXPECT_EQ(partition.successes[0], 0);
  EXPECT_EQ(partition.answer(0, Decision::surfaced, FeedbackKind::like), 1);
  EXPECT_EQ(partition.retracted, partition.answers);
}

TEST(Retraction, OfNothingIsCounted) {
  OwnedPartition partition(1, 1);
  partition.add(event_of(0, 0, FeedbackKind::retract), 1, 1);
  const LearnCounts counts = partition.learn(plan_of(Carry::offset));
  EXPECT_EQ(counts.nothing_to_retract, 1u);
  EXPECT_EQ(counts.retracted, 0u);
}

TEST(Retraction, AllowsTheAnswerToBeGivenAgain) {
  OwnedPartition partition(1, 1);
  partition.add(event_of(0, 0, FeedbackKind::like), 1, 1);
  partition.add(event_of(0, 0, FeedbackKind::retract), 2, 2);
  partition.add(event_of(0, 0, FeedbackKind::override_decision), 3, 3);
  const LearnCounts counts = partition.learn(plan_of(Carry::offset));
  EXPECT_EQ(counts.applied, 2u);
  EXPECT_EQ(partition.scenarios[0].updates, 1u);
  EXPECT_EQ(partition.scenarios[0].score, 0.45f);
  EXPECT_EQ(partition.failures[0], 1);
}

TEST(Retraction, WhereAStepOfOneLostTheScoreGoesBackToTheModel) {
  const ScoreUpdatePlan plan = plan_of(Carry::offset, {StepSchedule::Kind::constant, 1.0f, 1.0f, 1.0f, 1.0f});
  OneScore score(ScenarioState{});
  score.learn(plan, 1.0f, 0.3f, 0);
  score.learn(plan, 0.0f, 0.3f, 0);
  score.unlearn(plan, 0.0f, 0.3f, 0);
  EXPECT_EQ(score.state().score, 0.3f);
  EXPECT_EQ(score.state().correction, 0.0f);
}

TEST(Retraction, AfterARetrainTakesTheSmallestStepBack) {
  const ScoreUpdatePlan plan =
      plan_of(Carry::offset, {StepSchedule::Kind::robbins_monro, 0.1f, 1.0f, 1.0f, 1.0f});
  ScenarioState state{0.5f, 0.0f, 4, 0, 2};
  OneScore score(state);
  score.unlearn(plan, 1.0f, 0.5f, 2);
  EXPECT_NEAR(score.state().score, (0.5f - 0.2f) / 0.8f, 1e-7);  // eta_4 = 1/5
  EXPECT_EQ(score.state().updates, 3u);
  EXPECT_EQ(score.state().steps, 0u);
}

}  // namespace
}  // namespace npo

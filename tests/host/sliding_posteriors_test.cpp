#include "host/sliding_posteriors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/host/learn_world.hpp"

namespace npo {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

StateManifest two_arms(std::uint32_t round) {
  StateManifest manifest;
  manifest.thresholds = {0.5f, 0.9f};
  manifest.fleets = {"north"};
  manifest.successes.resize(2);
  manifest.failures.resize(2);
  manifest.round = round;
  return manifest;
}

Policy sliding(int rounds) {
  Policy policy;
  policy.threshold.kind = ThresholdKind::sliding_thompson;
  policy.threshold.rounds = rounds;
  return policy;
}

RunContext on_threads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

StateManifest manifest_of(const LearnOptions& options) {
  return StateSnapshot(options.state).manifest();
}

/// S, then F of one fleet; zeros where the state does not know it.
std::vector<std::int64_t> posterior_of(const StateManifest& manifest, const std::string& fleet) {
  const std::size_t arms = manifest.thresholds.size();
  std::vector<std::int64_t> counts(2 * arms);
  for (std::size_t i = 0; i < manifest.fleets.size() * arms; ++i) {
    if (manifest.fleets[i / arms] != fleet) continue;
    counts[i % arms] = manifest.successes[i];
    counts[arms + i % arms] = manifest.failures[i];
  }
  return counts;
}

/// Lets a night pass without feedback.
void pass_a_round(LearnOptions options) {
  options.feedback.clear();
  options.next_round = true;
  run_learn(options, on_threads(1));
}

LearnOptions with_events(const test::LearnWorld& world, const std::vector<FeedbackEvent>& events) {
  LearnOptions options = world.options();
  options.feedback = {world.folder / "events.h5"};
  test::write_feedback(options.feedback.front(), {world.run_a, world.run_b}, events);
  return options;
}

/// What the answers to one run alone come to.
StateManifest learned_alone(const test::LearnWorld& world, std::uint32_t run) {
  run_learn(with_events(world, test::random_answers(run, run == 0 ? world.spec_a : world.spec_b)),
            on_threads(1));
  return manifest_of(world.options());
}

/// Takes back every answer to a run.
void retract(const test::LearnWorld& world, std::uint32_t run) {
  std::vector<FeedbackEvent> events = test::random_answers(run, run == 0 ? world.spec_a : world.spec_b);
  for (FeedbackEvent& event : events) {
    event.kind = FeedbackKind::retract;
    event.time += seconds_per_day * 10;
  }
  EXPECT_GT(run_learn(with_events(world, events), on_threads(2)).counts.retracted, 100u);
}

TEST(SlidingPosteriors, SumTheLastRoundsAndForgetTheRest) {
  StateManifest manifest = two_arms(7);
  manifest.window = {{3, {100, 100}, {100, 100}}, {4, {1, 2}, {3, 4}}, {6, {10, 20}, {30, 40}}};
  slide_posteriors(3, manifest);
  EXPECT_THAT(manifest.successes, ElementsAre(11, 22));
  EXPECT_THAT(manifest.failures, ElementsAre(33, 44));
  EXPECT_THAT(manifest.window, SizeIs(2)) << "rounds 4, 5 and 6 are the last three before round 7";
}

TEST(SlidingPosteriors, CountNothingBelowZero) {
  StateManifest manifest = two_arms(2);
  manifest.window = {{1, {-1, 2}, {0, -3}}};
  slide_posteriors(5, manifest);
  EXPECT_THAT(manifest.successes, ElementsAre(0, 2));
  EXPECT_THAT(manifest.failures, ElementsAre(0, 0));
}

TEST(SlidingPosteriors, AWindowLongerThanHistoryIsThompsonSampling) {
  const test::LearnWorld plain, slid(sliding(1000));
  run_learn(plain.options(), on_threads(1));
  run_learn(slid.options(), on_threads(3));
  const StateManifest counts = manifest_of(slid.options());
  EXPECT_EQ(counts.successes, manifest_of(plain.options()).successes);
  EXPECT_EQ(counts.failures, manifest_of(plain.options()).failures);
  EXPECT_GT(*std::ranges::max_element(counts.successes), 0);
}

TEST(SlidingPosteriors, RoundsLeaveTheWindowOneByOne) {
  const test::LearnWorld world(sliding(2)), plain;
  const LearnOptions options = world.options();
  run_learn(options, on_threads(1));  // round 2 is next: runs a and b, of rounds 0 and 1, are in the window
  const std::vector<std::int64_t> both = manifest_of(options).successes;
  pass_a_round(options);  // round 3 is next: only round 1 is left
  const StateManifest left = manifest_of(options), only_b = learned_alone(plain, 1);
  for (const char* fleet : {"north", "south", "west"})
    EXPECT_EQ(posterior_of(left, fleet), posterior_of(only_b, fleet)) << fleet;
  EXPECT_NE(left.successes, both);
  pass_a_round(options);
  EXPECT_THAT(manifest_of(options).successes, Each(0));
  EXPECT_THAT(manifest_of(options).window, IsEmpty());
}

TEST(SlidingPosteriors, ARetractionTakesBackWhatIsInTheWindow) {
  const test::LearnWorld world(sliding(4)), plain;
  run_learn(world.options(), on_threads(1));
  retract(world, 1);
  const StateManifest left = manifest_of(world.options()), only_a = learned_alone(plain, 0);
  for (const char* fleet : {"north", "south", "west"})
    EXPECT_EQ(posterior_of(left, fleet), posterior_of(only_a, fleet)) << fleet;
}

TEST(SlidingPosteriors, ARetractionOfWhatHasLeftTheWindowChangesNothing) {
  const test::LearnWorld retracted(sliding(2)), kept(sliding(2));
  for (const test::LearnWorld* world : {&retracted, &kept}) run_learn(world->options(), on_threads(1));
  retract(retracted, 0);  // both begin round 3 with this, and run a is of round 0
  pass_a_round(kept.options());
  EXPECT_EQ(manifest_of(retracted.options()).successes, manifest_of(kept.options()).successes);
  EXPECT_EQ(manifest_of(retracted.options()).failures, manifest_of(kept.options()).failures);
}

TEST(SlidingPosteriors, LearningTheSameAgainChangesNothing) {
  const test::LearnWorld world(sliding(5));
  run_learn(world.options(), on_threads(2));
  const std::string digest = test::digest_of(world.folder / "state.h5");
  EXPECT_FALSE(run_learn(world.options(), on_threads(2)).changed);
  EXPECT_EQ(test::digest_of(world.folder / "state.h5"), digest);
}

TEST(SlidingPosteriors, AnotherKindBeginsOrEndsTheWindow) {
  StateManifest manifest = two_arms(4);
  manifest.successes = {5, 6};
  manifest.failures = {7, 8};
  begin_window(manifest);
  slide_posteriors(2, manifest);
  EXPECT_THAT(manifest.successes, ElementsAre(5, 6)) << "all that was learned counts for round 3";
  manifest.round = 6;
  slide_posteriors(2, manifest);
  EXPECT_THAT(manifest.successes, ElementsAre(0, 0));
}

}  // namespace
}  // namespace npo

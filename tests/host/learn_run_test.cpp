#include "host/learn_run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "kernels/running_score.hpp"
#include "tests/host/learn_world.hpp"
#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

using test::digest_of;
using test::LearnWorld;

RunContext on_threads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

TEST(LearnRun, AppliesEveryAnswerOnce) {
  const LearnWorld world;
  const LearnReport first = run_learn(world.options(), on_threads(2));
  EXPECT_EQ(first.counts.applied, world.count);
  EXPECT_TRUE(first.changed);
  EXPECT_EQ(first.round, 2u);  // run b was of round 1
  EXPECT_GT(first.scenarios, 3000u);
  EXPECT_EQ(first.scenarios, StateSnapshot(world.folder / "state.h5").scenarios());
  const std::string digest = digest_of(world.folder / "state.h5");

  const LearnReport second = run_learn(world.options(), on_threads(2));
  EXPECT_EQ(second.counts.applied, 0u);
  EXPECT_EQ(second.counts.already_known, world.count);
  EXPECT_FALSE(second.changed);
  EXPECT_EQ(second.generation, first.generation);
  EXPECT_EQ(second.scenarios, first.scenarios);
  EXPECT_EQ(digest_of(world.folder / "state.h5"), digest);
}

TEST(LearnRun, NextRoundAdvancesWithNothingToLearn) {
  const LearnWorld world;
  const LearnReport first = run_learn(world.options(), on_threads(1));
  LearnOptions options = world.options();
  options.next_round = true;
  const LearnReport second = run_learn(options, on_threads(1));
  EXPECT_EQ(second.round, first.round + 1);
  EXPECT_EQ(second.generation, first.generation + 1);
  options.feedback.clear();
  EXPECT_EQ(run_learn(options, on_threads(1)).round, first.round + 2);
}

TEST(LearnRun, ThreadsPartitionsAndPassesChangeNoBit) {
  const LearnWorld world;
  run_learn(world.options("reference.h5"), on_threads(1));
  const std::string reference = digest_of(world.folder / "reference.h5");
  int number = 0;
  const auto expect_same = [&](LearnOptions options, int threads) {
    options.state = world.folder / ("state" + std::to_string(number++) + ".h5");
    run_learn(options, on_threads(threads));
    EXPECT_EQ(digest_of(options.state), reference) << number;
  };
  expect_same(world.options(), 2);
  expect_same(world.options(), 3);
  LearnOptions wide = world.options();
  wide.state = world.folder / "wide.h5";
  RunContext lanes = on_threads(2);
  lanes.simd = widest_simd_level();
  run_learn(wide, lanes);
  EXPECT_EQ(digest_of(wide.state), reference);
  LearnOptions small = world.options();
  small.partition_rows = 100;
  expect_same(small, 1);
  small.events_in_memory = 500;
  expect_same(small, 3);
  LearnOptions other_order = world.options();
  std::reverse(other_order.decisions.begin(), other_order.decisions.end());
  expect_same(other_order, 2);
}

TEST(LearnRun, EqualSequencesOfCallsGiveEqualStates) {
  const LearnWorld world;
  test::write_feedback(world.folder / "first.h5", {world.run_a}, test::random_answers(0, world.spec_a));
  test::write_feedback(world.folder / "second.h5", {world.run_b}, test::random_answers(0, world.spec_b));
  std::string digests[2];
  for (int i = 0; i < 2; ++i) {
    LearnOptions options = world.options("state" + std::to_string(i) + ".h5");
    options.partition_rows = i == 0 ? 131072 : 64;
    options.feedback = {world.folder / "first.h5"};
    run_learn(options, on_threads(1 + i));
    options.feedback = {world.folder / "second.h5"};
    run_learn(options, on_threads(3 - i));
    digests[i] = digest_of(options.state);
  }
  EXPECT_EQ(digests[0], digests[1]);
}

/// Adds the answers about a run to the events of their scenarios.
using Timeline = std::multimap<std::tuple<UnixSeconds, std::uint64_t, std::uint32_t>, LearnEvent>;
void collect(const test::RunSpec& spec, const Policy& policy, std::map<std::uint64_t, Timeline>& timelines) {
  const RunIdentity identity = test::identity_of(spec, policy);
  const DecisionRows rows = test::rows_of(spec, identity, 0, spec.ids.size());
  for (const FeedbackEvent& event : test::random_answers(0, spec)) {
    LearnEvent answer{};
    answer.base_score = rows.base_score[event.row];
    answer.round = identity.round;
    answer.decision = static_cast<Decision>(rows.decision[event.row]);
    answer.kind = event.kind;
    timelines[spec.ids[event.row]].emplace(std::tuple(event.time, event.event_id, identity.round), answer);
  }
}

TEST(LearnRun, StateIsThatOfEachScenarioByItself) {
  const LearnWorld world;
  run_learn(world.options(), on_threads(2));
  std::map<std::uint64_t, Timeline> timelines;
  collect(world.spec_a, world.policy, timelines);
  collect(world.spec_b, world.policy, timelines);
  const ScoreUpdatePlan plan{world.policy.score.step, target_table(world.policy), world.policy.score.carry};
  const StateSnapshot state(world.folder / "state.h5");
  const std::uint64_t low = 0, high = ~std::uint64_t{0};
  const StateRows rows = state.range(&low, &high);
  std::size_t row = 0;
  for (const auto& [id, timeline] : timelines) {
    RunningScore<lane::Scalar> score = running_score(ScenarioState{});
    for (const auto& [time, event] : timeline) {
      if (event.decision == Decision::blocked) continue;
      const float y = plan.target.y[static_cast<int>(event.decision)][static_cast<int>(event.kind)];
      if (y >= 0.0f) score.move(plan, {event.base_score, y, event.round}, true);
    }
    const ScenarioState expected = state_of(score);
    if (expected.updates == 0) continue;
    ASSERT_LT(row, rows.rows());
    ASSERT_EQ(rows.ids[row], id);
    EXPECT_EQ(rows.score[row], expected.score);
    EXPECT_EQ(rows.correction[row], expected.correction);
    EXPECT_EQ(rows.updates[row], expected.updates);
    EXPECT_EQ(rows.round[row], expected.round);
    ++row;
  }
  EXPECT_EQ(row, rows.rows());
}

TEST(LearnRun, RetractionOfEverythingForgetsTheScenarios) {
  const LearnWorld world;
  run_learn(world.options(), on_threads(1));
  std::vector<FeedbackEvent> events = test::random_answers(0, world.spec_a);
  for (const FeedbackEvent& event : test::random_answers(1, world.spec_b)) events.push_back(event);
  for (FeedbackEvent& event : events) {
    event.kind = FeedbackKind::retract;
    event.time += seconds_per_day * 10;
  }
  test::write_feedback(world.folder / "back.h5", {world.run_a, world.run_b}, events);
  LearnOptions options = world.options();
  options.feedback = {world.folder / "back.h5"};
  const LearnReport report = run_learn(options, on_threads(2));
  EXPECT_EQ(report.counts.retracted, world.count);
  EXPECT_EQ(report.scenarios, 0u);
  const StateSnapshot state(world.folder / "state.h5");
  EXPECT_EQ(state.scenarios(), 0u);
  for (const std::int64_t count : state.manifest().lifetime) EXPECT_EQ(count, 0);
  for (const std::int64_t count : state.manifest().successes) EXPECT_EQ(count, 0);
  EXPECT_EQ(run_learn(options, on_threads(1)).counts.nothing_to_retract, world.count);
}

TEST(LearnRun, UntouchedShardsAreTakenOver) {
  const LearnWorld world;
  run_learn(world.options(), on_threads(1));
  const auto before = StateSnapshot(world.folder / "state.h5").manifest().shards;
  // A skipped answer moves no score: the ledger and the tallies change, the scenarios do not.
  std::uint64_t row = 0;
  while (test::word_of(world.spec_a.ids[row], 1001) % 4 != 0) ++row;
  test::write_feedback(world.folder / "skip.h5", {world.run_a}, {{0, row, FeedbackKind::skipped, 5, 0, 1}});
  LearnOptions options = world.options();
  options.feedback = {world.folder / "skip.h5"};
  EXPECT_TRUE(run_learn(options, on_threads(1)).changed);
  EXPECT_EQ(StateSnapshot(world.folder / "state.h5").manifest().shards, before);
}

TEST(LearnRun, EventsAfterAsOfWaitForAnotherCall) {
  const LearnWorld world;
  LearnOptions options = world.options();
  options.as_of = 2 * seconds_per_day - 1;  // run b is of night 2
  const LearnReport first = run_learn(options, on_threads(2));
  EXPECT_EQ(first.after_as_of, test::random_answers(0, world.spec_b).size());
  EXPECT_EQ(first.counts.applied + first.after_as_of, world.count);
  options.as_of.reset();
  EXPECT_EQ(run_learn(options, on_threads(2)).counts.applied, first.after_as_of);
}

TEST(LearnRun, LateAndExpiredEventsAreCounted) {
  Policy policy;
  policy.loss.max_delay = 10 * seconds_per_day;
  const LearnWorld world(policy);
  test::write_feedback(world.folder / "a.h5", {world.run_a}, test::random_answers(0, world.spec_a));
  test::write_feedback(world.folder / "b.h5", {world.run_b}, test::random_answers(0, world.spec_b));
  LearnOptions options = world.options();
  options.feedback = {world.folder / "b.h5"};
  EXPECT_EQ(run_learn(options, on_threads(1)).counts.late, 0u);
  options.feedback = {world.folder / "a.h5"};
  const LearnReport late = run_learn(options, on_threads(1));
  EXPECT_GT(late.counts.late, 100u);  // scenarios of both runs, learned from run b before
  EXPECT_EQ(StateSnapshot(options.state).manifest().late_events, late.counts.late);

  const test::RunSpec much_later{30, test::every(5, 10)};
  const std::string run_c = test::write_run(world.folder / "c", much_later, policy);
  test::write_feedback(world.folder / "c.h5", {run_c, world.run_a},
                       {{0, 0, FeedbackKind::like, 1, 0, 1}, {1, 0, FeedbackKind::like, 1, 0, 1}},
                       {"another"});
  options.feedback = {world.folder / "c.h5"};
  options.decisions.push_back(world.folder / "c");
  const LearnReport expired = run_learn(options, on_threads(1));
  EXPECT_EQ(expired.expired, 1u);
  EXPECT_EQ(expired.counts.applied, 1u);
  const StateSnapshot state(options.state);
  for (const LedgerEntry& ledger : state.manifest().ledgers) EXPECT_EQ(ledger.run_id, run_c);
}

TEST(LearnRun, DryRunSaysWhatWouldBeAndChangesNothing) {
  const LearnWorld world;
  run_learn(world.options(), on_threads(1));
  const std::string digest = digest_of(world.folder / "state.h5");
  test::write_feedback(world.folder / "more.h5", {world.run_a, world.run_b},
                       test::random_answers(0, world.spec_a), {"another source"});
  LearnOptions options = world.options();
  options.feedback = {world.folder / "more.h5"};
  RunContext dry;
  dry.dry_run = true;
  const LearnReport report = run_learn(options, dry);
  EXPECT_TRUE(report.changed);
  EXPECT_GT(report.counts.applied, 0u);
  EXPECT_EQ(digest_of(world.folder / "state.h5"), digest);
}

TEST(LearnRun, CreditOfHindsightSparesWithheldLikes) {
  std::int64_t successes[2] = {0, 0};
  for (const bool hindsight : {false, true}) {
    const LearnWorld world;
    test::write_feedback(world.folder / "f.h5", {world.run_a}, test::random_answers(0, world.spec_a),
                         {hindsight ? "hindsight" : "operators"});
    LearnOptions options = world.options();
    options.feedback = {world.folder / "f.h5"};
    run_learn(options, on_threads(1));
    const StateManifest manifest = StateSnapshot(options.state).manifest();
    for (const std::int64_t count : manifest.successes) successes[hindsight] += count;
    std::int64_t surfaced_likes = 0, withheld_likes = 0;
    const std::size_t pairs = manifest.lifetime.size() / (decision_count * answer_count);
    for (std::size_t i = 0; i < pairs; ++i) {
      withheld_likes += manifest.lifetime[i * decision_count * answer_count + 1];
      surfaced_likes += manifest.lifetime[i * decision_count * answer_count + answer_count + 1];
    }
    EXPECT_EQ(successes[hindsight], surfaced_likes + (hindsight ? 0 : withheld_likes));
  }
  EXPECT_LT(successes[1], successes[0]);
}

TEST(LearnRun, DiscountedPosteriorsAreTheSameForAnyCut) {
  Policy policy;
  policy.threshold.kind = ThresholdKind::discounted_thompson;
  const LearnWorld world(policy);
  LearnOptions options = world.options("a.h5");
  run_learn(options, on_threads(1));
  options.state = world.folder / "b.h5";
  options.partition_rows = 300;
  run_learn(options, on_threads(3));
  const StateManifest a = StateSnapshot(world.folder / "a.h5").manifest();
  EXPECT_EQ(a.fraction_bits, 40);
  EXPECT_GT(*std::ranges::max_element(a.successes), std::int64_t{1} << 40);
  EXPECT_EQ(digest_of(world.folder / "a.h5"), digest_of(world.folder / "b.h5"));
}

TEST(LearnRun, RefusesFeedbackThatAnswersNoDecision) {
  const LearnWorld world;
  const auto refuse = [&](const FeedbackEvent& event, std::initializer_list<std::string> words) {
    test::write_feedback(world.folder / "bad.h5", {world.run_a, "feedfacefeedface"},
                         {{0, 1, FeedbackKind::like, 5, 0, 1}, event});
    LearnOptions options = world.options("none.h5");
    options.feedback = {world.folder / "bad.h5"};
    test::expect_error(ErrorKind::bad_data, words, [&] { run_learn(options, on_threads(2)); });
  };
  refuse({1, 0, FeedbackKind::like, 5, 0, 1},
         {"bad.h5", "events/run", "row 1", "never made", "feedfacefeedface"});
  refuse({0, 5000, FeedbackKind::like, 5, 0, 1}, {"bad.h5", "events/row", "row 1", "never made", "5000"});
}

TEST(LearnRun, NamesWhatDoesNotFitTogether) {
  const LearnWorld world;
  LearnOptions options = world.options();
  options.new_state = false;
  test::expect_error(ErrorKind::environment, {"state.h5", "--new-state"}, [&] { run_learn(options, {}); });
  options.new_state = true;
  options.decisions.push_back(world.folder / "a");
  test::expect_error(ErrorKind::usage, {world.run_a, "once"}, [&] { run_learn(options, {}); });
  run_learn(world.options(), on_threads(1));
  Policy other;
  other.threshold.arms = {0.5f, 0.6f};
  test::write_run(world.folder / "other", {3, test::every(2, 10)}, other);
  options.decisions = {world.folder / "other"};
  options.feedback.clear();
  test::expect_error(ErrorKind::usage, {"other", "arms"}, [&] { run_learn(options, {}); });
}

}  // namespace
}  // namespace npo

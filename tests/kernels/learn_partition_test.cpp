#include "kernels/learn_partition.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <numeric>

#include "kernels/device.hpp"
#include "kernels/event_order.hpp"
#include "tests/kernels/learn_fixture.hpp"

namespace npo {
namespace {

using test::event_of;
using test::OwnedPartition;

const ScoreUpdatePlan plan{
    {StepSchedule::Kind::robbins_monro, 0.1f, 1.0f, 1.0f, 1.0f}, test::approval, Carry::offset};

bool same_bits(const std::vector<ScenarioState>& a, const std::vector<ScenarioState>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(ScenarioState)) == 0;
}

/// Answers, retractions and repetitions about `scenarios` scenarios, three decisions each, from Philox.
OwnedPartition random_partition(std::uint32_t scenarios, std::uint32_t events) {
  OwnedPartition partition(scenarios, std::size_t{scenarios} * 3);
  for (std::uint32_t i = 0; i < events; ++i) {
    const std::uint32_t word = test::random_word(i, 0), more = test::random_word(i, 1);
    const std::uint32_t scenario = word % scenarios, round = more % 3;
    LearnEvent event =
        event_of(scenario, scenario * 3 + round, static_cast<FeedbackKind>((more >> 4) % kind_count),
                 static_cast<Decision>((scenario + round) % decision_count),
                 static_cast<float>((word >> 8) % 97 + 1) / 99.0f, round);
    event.arm = static_cast<std::uint8_t>((more >> 8) & 1);
    partition.add(event, (more >> 12) % 20, (more >> 20) % 50);
  }
  return partition;
}

/// The same events in another order: i goes to (i * stride) mod n.
OwnedPartition shuffled(const OwnedPartition& from, std::size_t stride) {
  OwnedPartition to(from.scenarios.size(), from.ledger.size());
  for (std::size_t i = 0; i < from.events.size(); ++i) {
    const std::size_t j = i * stride % from.events.size();
    to.add(from.events[j], from.time[j], from.event_id[j]);
  }
  return to;
}

TEST(LearnPartition, OrderOfInputChangesNoBit) {
  OwnedPartition a = random_partition(50, 1009);
  OwnedPartition b = shuffled(a, 577);
  const LearnCounts x = a.learn(plan), y = b.learn(plan);
  EXPECT_GT(x.applied, 100u);
  EXPECT_GT(x.retracted, 50u);
  EXPECT_TRUE(same_bits(a.scenarios, b.scenarios));
  EXPECT_EQ(a.ledger, b.ledger);
  EXPECT_EQ(a.answers, b.answers);
  EXPECT_EQ(a.retracted, b.retracted);
  EXPECT_EQ(a.successes, b.successes);
  EXPECT_EQ(a.failures, b.failures);
  EXPECT_EQ(std::memcmp(&x, &y, sizeof x), 0);
}

TEST(LearnPartition, LanesChangeNoBit) {
  for (const Carry carry : {Carry::offset, Carry::keep, Carry::reset}) {
    for (const float kappa : {1.0f, 0.75f}) {
      const ScoreUpdatePlan other{
          {StepSchedule::Kind::robbins_monro, 0.1f, 1.5f, 0.5f, kappa}, test::approval, carry};
      OwnedPartition reference = random_partition(77, 3001);
      const LearnCounts expected = reference.learn(other);
      for (const SimdLevel level : {SimdLevel::avx2, SimdLevel::avx512}) {
        if (!supports(level)) continue;
        OwnedPartition partition = random_partition(77, 3001);
        const LearnCounts counts = partition.learn(other, level);
        EXPECT_TRUE(same_bits(reference.scenarios, partition.scenarios)) << name_of(level);
        EXPECT_EQ(std::memcmp(&expected, &counts, sizeof counts), 0) << name_of(level);
      }
    }
  }
}

struct PlainAdd {
  static void to(std::int64_t* cell, std::int64_t amount) { *cell += amount; }
  static void to_if(bool condition, std::int64_t* cell, std::int64_t amount) {
    if (condition) to(cell, amount);
  }
};

/// What a GPU thread does for each scenario, done here.
TEST(LearnPartition, OneScenarioAtATimeChangesNoBit) {
  OwnedPartition reference = random_partition(60, 2003), partition = random_partition(60, 2003);
  LearnCounts total;
  const LearnCounts expected = reference.learn(plan, widest_simd_level());
  const EventOrder events = order_events(
      {partition.events, partition.time, partition.event_id, partition.scenarios, partition.ledger, {}});
  const PartitionView view{partition.events.data(),
                           partition.scenarios.data(),
                           partition.ledger.data(),
                           nullptr,
                           partition.answers.data(),
                           partition.retracted.data(),
                           partition.successes.data(),
                           partition.failures.data(),
                           partition.arms};
  const ScoreUpdater<PlainAdd> update_score{{plan, view}, events.order.data()};
  for (std::uint32_t s = 0; s < 60; ++s)
    add_counts(total, update_score(s, events.first[s], events.first[s + 1]));
  EXPECT_TRUE(same_bits(reference.scenarios, partition.scenarios));
  EXPECT_EQ(reference.answers, partition.answers);
  EXPECT_EQ(reference.retracted, partition.retracted);
  EXPECT_EQ(reference.ledger, partition.ledger);
  EXPECT_EQ(std::memcmp(&expected, &total, sizeof total), 0);
}

/// Times before 1970 and after 2106 and ids of 64 bits, so that every word of an event's place in the order
/// decides somewhere; scenarios that learned before, and others without events.
OwnedPartition wide_partition(std::uint32_t scenarios, std::uint32_t events) {
  OwnedPartition partition = random_partition(scenarios, events);
  for (std::size_t i = 0; i < partition.events.size(); ++i) {
    partition.time[i] = (partition.time[i] - 10) * 0x6000'0001;
    // No two alike, so that nothing about the order is left open; few high words, so that low ones decide
    // too.
    partition.event_id[i] = (i * 0x9E37'79B9'7F4A'7C15u) % (std::uint64_t{1} << 34);
  }
  for (std::size_t s = 0; s < partition.scenarios.size(); s += 2)
    partition.scenarios[s] = {.score = 0.25f, .correction = 0.5f, .updates = 3, .steps = 2, .round = 1};
  return partition;
}

TEST(LearnPartition, DeviceChangesNoBit) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  const std::uint32_t sizes[][2] = {{5000, 100003}, {5000, 2000}, {3, 1000}, {7, 1}};
  for (const auto& [scenarios, events] : sizes) {
    OwnedPartition host = wide_partition(scenarios, events), device = wide_partition(scenarios, events);
    const LearnCounts expected = host.learn(plan, widest_simd_level());
    EXPECT_TRUE(expected.late > 0 || events == 1);
    device.outcome.assign(device.events.size(), 0);
    const LearnCounts counts = learn_partition_cuda(
        plan, {device.events, device.time, device.event_id, device.scenarios, device.ledger, device.outcome},
        {device.answers, device.retracted, device.successes, device.failures, device.arms}, 0);
    EXPECT_TRUE(same_bits(host.scenarios, device.scenarios))
        << scenarios << " scenarios, " << events << " events";
    EXPECT_EQ(host.ledger, device.ledger);
    EXPECT_EQ(host.outcome, device.outcome);
    EXPECT_EQ(host.answers, device.answers);
    EXPECT_EQ(host.retracted, device.retracted);
    EXPECT_EQ(host.successes, device.successes);
    EXPECT_EQ(host.failures, device.failures);
    EXPECT_EQ(std::memcmp(&expected, &counts, sizeof counts), 0);
  }
}

TEST(LearnPartition, TimesFarApartSortAlike) {
  OwnedPartition near = random_partition(30, 500), far = random_partition(30, 500);
  for (UnixSeconds& time : far.time) time = (time - 10) * (std::int64_t{1} << 58);
  near.learn(plan);
  far.learn(plan);
  EXPECT_TRUE(same_bits(near.scenarios, far.scenarios));
}

TEST(LearnPartition, CutIntoPartitionsChangesNoBit) {
  OwnedPartition whole = random_partition(50, 1009);
  OwnedPartition parts[2] = {OwnedPartition(20, 60), OwnedPartition(30, 90)};
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    LearnEvent event = whole.events[i];
    const bool second = event.scenario >= 20;
    if (second) {
      event.scenario -= 20;
      event.ledger -= 60;
    }
    parts[second].add(event, whole.time[i], whole.event_id[i]);
  }
  whole.learn(plan);
  parts[0].learn(plan);
  parts[1].learn(plan);
  std::vector<ScenarioState> joined = parts[0].scenarios;
  joined.insert(joined.end(), parts[1].scenarios.begin(), parts[1].scenarios.end());
  EXPECT_TRUE(same_bits(whole.scenarios, joined));
}

TEST(LearnPartition, EventsCountOnce) {
  OwnedPartition partition(1, 1);
  partition.add(event_of(0, 0, FeedbackKind::like), 10, 1);
  const LearnCounts first = partition.learn(plan);
  const std::vector<ScenarioState> learned = partition.scenarios;
  const std::vector<std::int64_t> answers = partition.answers;
  const LearnCounts second = partition.learn(plan);
  EXPECT_EQ(first.applied, 1u);
  EXPECT_EQ(second.applied, 0u);
  EXPECT_EQ(second.already_known, 1u);
  EXPECT_TRUE(same_bits(learned, partition.scenarios));
  EXPECT_EQ(answers, partition.answers);
}

TEST(LearnPartition, EarlierEventsComeFirst) {
  OwnedPartition partition(1, 2);
  partition.add(event_of(0, 0, FeedbackKind::like), 20, 1);
  partition.add(event_of(0, 1, FeedbackKind::override_decision), 10, 2);
  partition.learn(plan);
  // eta_1 = 1/2 toward 0, then eta_2 = 1/3 toward 1.
  EXPECT_NEAR(partition.scenarios[0].score, 0.25f + 0.75f / 3.0f, 2e-7);
}

TEST(LearnPartition, BlockedDecisionsTeachNothingButAreKnown) {
  OwnedPartition partition(1, 1);
  LearnEvent event = event_of(0, 0, FeedbackKind::like, Decision::blocked);
  event.credited = 0;
  partition.add(event, 10, 1);
  const LearnCounts counts = partition.learn(plan);
  EXPECT_EQ(counts.applied, 1u);
  EXPECT_EQ(counts.updates, 0u);
  EXPECT_EQ(partition.scenarios[0].updates, 0u);
  EXPECT_EQ(partition.ledger[0], 2);
  EXPECT_EQ(partition.answer(0, Decision::blocked, FeedbackKind::like), 1);
  EXPECT_EQ(partition.successes[0], 0);
}

TEST(LearnPartition, CreditIsByKind) {
  OwnedPartition partition(1, 2);
  LearnEvent like = event_of(0, 0, FeedbackKind::like, Decision::withheld);
  LearnEvent override_event = event_of(0, 1, FeedbackKind::override_decision, Decision::withheld);
  like.credited = override_event.credited = 1;  // overrides alone
  partition.add(like, 1, 1);
  partition.add(override_event, 2, 2);
  partition.learn(plan);
  EXPECT_EQ(partition.successes[0], 0);
  EXPECT_EQ(partition.failures[0], 1);
  EXPECT_EQ(partition.outcome[0], outcome_applied + static_cast<int>(FeedbackKind::like));
}

TEST(LearnPartition, ARetractionTakesBackWhatWasCreditedThen) {
  OwnedPartition partition(2, 2);
  LearnEvent credited = event_of(0, 0, FeedbackKind::like), silent = event_of(1, 1, FeedbackKind::like);
  silent.credited = 0;
  partition.add(credited, 1, 1);
  partition.add(silent, 1, 2);
  partition.learn(plan);
  EXPECT_EQ(partition.successes[0], 1);

  // The policy has changed: now the first would not be credited and the second would.
  std::swap(credited.credited, silent.credited);
  credited.kind = silent.kind = FeedbackKind::retract;
  partition.events = {credited, silent};
  partition.time = {2, 2};
  partition.event_id = {3, 4};
  EXPECT_EQ(partition.learn(plan).retracted, 2u);
  EXPECT_EQ(partition.successes[0], 0);
  EXPECT_EQ(partition.answer(0, Decision::surfaced, FeedbackKind::like), 2);
  EXPECT_EQ(partition.retracted, partition.answers);
  const std::uint8_t taken_back = outcome_retracted + static_cast<int>(FeedbackKind::like);
  EXPECT_EQ(partition.outcome, (std::vector<std::uint8_t>{taken_back + outcome_credited, taken_back}));
}

TEST(LearnPartition, SquaredErrorIsExact) {
  OwnedPartition partition(1, 1);
  partition.add(event_of(0, 0, FeedbackKind::like, Decision::surfaced, 0.25f), 1, 1);
  const LearnCounts counts = partition.learn(plan);
  const std::int64_t expected = std::int64_t{9} << 36;  // (3/4)^2 2^40
  EXPECT_EQ(counts.squared_error_hi * (std::int64_t{1} << 32) + counts.squared_error_lo, expected);
  LearnCounts total;
  for (int i = 0; i < 5; ++i) add_counts(total, counts);
  EXPECT_EQ(total.squared_error_hi * (std::int64_t{1} << 32) + total.squared_error_lo, 5 * expected);
  EXPECT_LT(total.squared_error_lo, std::int64_t{1} << 32);
}

}  // namespace
}  // namespace npo

#pragma once
#include <cstdint>
#include <vector>

#include "kernels/learn_partition.hpp"
#include "kernels/philox.hpp"
#include "kernels/update_score.hpp"

/// Partitions of made-up events for the tests of learning.
namespace npo::test {

/// Target table `approval` (spec section 3): skipped makes no update.
inline constexpr TargetTable approval{{{1.0f, 0.0f, 0.5f, -1.0f}, {0.0f, 1.0f, 0.5f, -1.0f}}};

/// A partition that owns its columns; one fleet, `arms` arms.
struct OwnedPartition {
  std::vector<LearnEvent> events;
  std::vector<UnixSeconds> time;
  std::vector<std::uint64_t> event_id;
  std::vector<ScenarioState> scenarios;
  std::vector<std::uint8_t> ledger, outcome;
  std::vector<std::int64_t> answers, retracted, successes, failures;
  int arms;

  explicit OwnedPartition(std::size_t scenario_count, std::size_t cells, int arms_ = 2)
      : scenarios(scenario_count),
        ledger(cells),
        answers(static_cast<std::size_t>(arms_ * decision_count * answer_count)),
        retracted(answers.size()),
        successes(static_cast<std::size_t>(arms_)),
        failures(static_cast<std::size_t>(arms_)),
        arms(arms_) {}

  void add(const LearnEvent& event, UnixSeconds at, std::uint64_t id) {
    events.push_back(event);
    time.push_back(at);
    event_id.push_back(id);
  }
  LearnCounts learn(const ScoreUpdatePlan& plan, SimdLevel level = SimdLevel::scalar) {
    outcome.assign(events.size(), 0);
    return learn_partition_cpu(plan, {events, time, event_id, scenarios, ledger, outcome},
                               {answers, retracted, successes, failures, arms}, level);
  }
  std::int64_t answer(int arm, Decision decision, FeedbackKind kind) const {
    return answers[static_cast<std::size_t>(
        (arm * decision_count + static_cast<int>(decision)) * answer_count + static_cast<int>(kind))];
  }
};

/// An answer about a decision of its own ledger cell; likes and overrides are credited.
inline LearnEvent event_of(std::uint32_t scenario, std::uint32_t cell, FeedbackKind kind,
                           Decision decision = Decision::surfaced, float base = 0.5f,
                           std::uint32_t round = 0) {
  return {scenario, cell, base, round, 0, decision, kind, 0, 3};
}

/// A uniform word for the tests.
inline std::uint32_t random_word(std::uint64_t entity, std::uint32_t step, std::uint64_t seed = 7) {
  return philox(philox_counter(RandomPurpose::test, entity, step, 0), seed).word[0];
}

}  // namespace npo::test

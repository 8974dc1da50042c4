#pragma once
#include <cstdint>

#include "kernels/learn_events.hpp"
#include "kernels/running_score.hpp"

/// Learning from the events of one scenario: ledger, score, tallies (spec sections 3, 4 and 6). One functor
/// for the CPU and the GPU driver.
namespace npo {

/// What became of an event, kept in one byte: nothing, the answer that was applied, or the answer that was
/// taken back.
inline constexpr std::uint8_t outcome_none = 0;
inline constexpr std::uint8_t outcome_applied = 1;    ///< + FeedbackKind of the answer
inline constexpr std::uint8_t outcome_retracted = 5;  ///< + FeedbackKind of the answer taken back

/// One partition as plain pointers, the same on host and device.
struct PartitionView {
  const LearnEvent* events;    ///< [events]
  const std::uint32_t* order;  ///< [events] indices into `events` by (scenario, time, event id)
  ScenarioState* scenarios;    ///< [scenarios], updated
  std::uint8_t* ledger;        ///< [cells] 0 nothing, else 1 + FeedbackKind of the applied answer; updated
  std::uint8_t* outcome;       ///< [events] by index into `events`, or null
  std::int64_t *answers, *successes, *failures;  ///< LearnTallies
  int arms;
};

/// (y - R)^2 in units 2^-40, rounded. The square of a float is exact in double.
NPO_HD std::int64_t fixed_square(float error) {
  const double square = static_cast<double>(error) * static_cast<double>(error);
  return static_cast<std::int64_t>(square * 0x1p40 + 0.5);
}

/// Runs events in order over one scenario. `Add` adds to a shared integer: plainly on a CPU thread,
/// atomically on a GPU.
template <class Add>
struct ScoreUpdater {
  ScoreUpdatePlan plan;
  PartitionView partition;

  /// Applies order[first, last), all of `scenario`, and returns what happened.
  NPO_HD LearnCounts operator()(std::uint32_t scenario, std::uint32_t first, std::uint32_t last) const {
    const ScenarioState before = partition.scenarios[scenario];
    RunningScore score(before);
    LearnCounts counts;
    for (std::uint32_t i = first; i < last; ++i) {
      const std::uint32_t index = partition.order[i];
      const LearnEvent& event = partition.events[index];
      const std::uint8_t outcome =
          event.kind == FeedbackKind::retract ? retract(event, score, counts) : answer(event, score, counts);
      if (outcome != outcome_none && before.updates > 0 && event.round < before.round) ++counts.late;
      if (partition.outcome) partition.outcome[index] = outcome;
    }
    if (counts.applied + counts.retracted > 0) partition.scenarios[scenario] = score.state();
    return counts;
  }

 private:
  NPO_HD std::uint8_t answer(const LearnEvent& event, RunningScore& score, LearnCounts& counts) const {
    std::uint8_t& cell = partition.ledger[event.ledger];
    if (cell != 0) {
      ++counts.already_known;
      return outcome_none;
    }
    const auto kind = static_cast<std::uint8_t>(event.kind);
    cell = static_cast<std::uint8_t>(1 + kind);
    ++counts.applied;
    tally(event, kind, 1);
    const float y = target(event, kind);
    if (y >= 0.0f) {
      const std::int64_t square = fixed_square(score.learn(plan, y, event.base_score, event.round));
      counts.squared_error_lo += square & 0xffffffff;
      counts.squared_error_hi += square >> 32;
      ++counts.updates;
    }
    return static_cast<std::uint8_t>(outcome_applied + kind);
  }

  NPO_HD std::uint8_t retract(const LearnEvent& event, RunningScore& score, LearnCounts& counts) const {
    std::uint8_t& cell = partition.ledger[event.ledger];
    if (cell == 0) {
      ++counts.nothing_to_retract;
      return outcome_none;
    }
    const auto kind = static_cast<std::uint8_t>(cell - 1);
    cell = 0;
    ++counts.retracted;
    tally(event, kind, -1);
    const float y = target(event, kind);
    if (y >= 0.0f) score.unlearn(plan, y, event.base_score, event.round);
    return static_cast<std::uint8_t>(outcome_retracted + kind);
  }

  /// y(d, f); a blocked decision teaches nothing.
  NPO_HD float target(const LearnEvent& event, std::uint8_t kind) const {
    return event.decision == Decision::blocked ? -1.0f
                                               : plan.target.y[static_cast<int>(event.decision)][kind];
  }

  NPO_HD void tally(const LearnEvent& event, std::uint8_t kind, std::int64_t amount) const {
    const std::uint64_t arm =
        std::uint64_t{event.fleet} * static_cast<std::uint32_t>(partition.arms) + event.arm;
    const auto decision = static_cast<std::uint64_t>(event.decision);
    Add::to(partition.answers + (arm * decision_count + decision) * answer_count + kind, amount);
    if ((event.credited >> kind & 1) == 0) return;
    const bool liked = kind == static_cast<std::uint8_t>(FeedbackKind::like);
    Add::to((liked ? partition.successes : partition.failures) + arm, amount);
  }
};

}  // namespace npo

#pragma once
#include <cstdint>

#include "kernels/learn_events.hpp"
#include "kernels/running_score.hpp"

/// What one feedback event does to ledger, tallies and score (spec sections 3, 4 and 6). Shared by the CPU
/// and the GPU driver.
namespace npo {

/// What became of an event, kept in one byte: nothing, the answer that was applied, or the answer that was
/// taken back.
inline constexpr std::uint8_t outcome_none = 0;
inline constexpr std::uint8_t outcome_applied = 1;    ///< + FeedbackKind of the answer
inline constexpr std::uint8_t outcome_retracted = 5;  ///< + FeedbackKind of the answer taken back
inline constexpr std::uint8_t outcome_credited =
    16;  ///< added where the answer moved, or had moved, a posterior

/// One partition as plain pointers, the same on host and device.
struct PartitionView {
  const LearnEvent* events;                                  ///< [events]
  ScenarioState* scenarios;                                  ///< [scenarios], updated
  std::uint8_t* ledger;                                      ///< [cells] see cell_credited; updated
  std::uint8_t* outcome;                                     ///< [events] by index into `events`, or null
  std::int64_t *answers, *retracted, *successes, *failures;  ///< LearnTallies
  int arms;
};

/// (y - R)^2 in units 2^-40, rounded. The square of a float is exact in double.
NPO_HD std::int64_t fixed_square(float error) {
  const double square = static_cast<double>(error) * static_cast<double>(error);
  return static_cast<std::int64_t>(square * 0x1p40 + 0.5);
}

NPO_HD void add_squared_error(float error, LearnCounts& counts) {
  const std::int64_t square = fixed_square(error);
  counts.squared_error_lo += square & 0xffffffff;
  counts.squared_error_hi += square >> 32;
}

/// Applies events to ledger and tallies, in order within a scenario, and says what each means for the score.
/// `Add` adds to a shared integer: plainly on a CPU thread, atomically on a GPU. What people answer is hard
/// to predict, so nothing here branches on it.
template <class Add>
struct FeedbackLedger {
  ScoreUpdatePlan plan;
  PartitionView partition;

  /// True if the event moves the score of its scenario, by `move`. `before` is the scenario before the call.
  NPO_HD bool apply(std::uint32_t index, const ScenarioState& before, ScoreMove<lane::Scalar>& move,
                    LearnCounts& counts) const {
    const LearnEvent& event = partition.events[index];
    std::uint8_t& cell = partition.ledger[event.ledger];
    const bool retract = event.kind == FeedbackKind::retract;
    if (retract != (cell != 0)) {
      ++(retract ? counts.nothing_to_retract : counts.already_known);
      return false;
    }
    const auto kind =
        static_cast<std::uint8_t>(retract ? (cell & ~cell_credited) - 1 : static_cast<int>(event.kind));
    const bool credited = retract ? (cell & cell_credited) != 0 : (event.credited >> kind & 1) != 0;
    cell = static_cast<std::uint8_t>(retract ? 0 : 1 + kind + credited * cell_credited);
    ++(retract ? counts.retracted : counts.applied);
    if (before.updates > 0 && event.round < before.round) ++counts.late;
    if (partition.outcome)
      partition.outcome[index] = static_cast<std::uint8_t>((retract ? outcome_retracted : outcome_applied) +
                                                           kind + credited * outcome_credited);
    tally(event, kind, retract, credited);
    const float target = taught(event.decision, kind);
    const bool moves = target >= 0.0f;
    counts.updates += moves && !retract;
    move = {event.base_score, retract ? lane::Scalar::negate(target) : target, event.round};
    return moves;
  }

  /// Place of the event's first tally among the answers.
  NPO_HD std::uint64_t answers_place(const LearnEvent& event) const {
    return (arm_place(event) * decision_count + static_cast<std::uint64_t>(event.decision)) * answer_count;
  }

 private:
  NPO_HD std::uint64_t arm_place(const LearnEvent& event) const {
    return std::uint64_t{event.fleet} * static_cast<std::uint32_t>(partition.arms) + event.arm;
  }

  NPO_HD void tally(const LearnEvent& event, std::uint8_t kind, bool retract, bool credited) const {
    Add::to((retract ? partition.retracted : partition.answers) + answers_place(event) + kind, 1);
    const bool liked = kind == static_cast<std::uint8_t>(FeedbackKind::like);
    Add::to_if(credited, (liked ? partition.successes : partition.failures) + arm_place(event),
               retract ? -1 : 1);
  }

  /// y(d, f), negative for no update; a blocked decision teaches nothing.
  NPO_HD float taught(Decision decision, std::uint8_t kind) const {
    const float target = plan.target.y[static_cast<int>(decision) & 1][kind];
    return decision == Decision::blocked ? -1.0f : target;
  }
};

/// Runs events in order over one scenario.
template <class Add>
struct ScoreUpdater {
  FeedbackLedger<Add> ledger;
  const std::uint32_t* order;  ///< indices of the events by (scenario, time, event id)

  /// Applies order[first, last), all of `scenario`, and returns what happened.
  NPO_HD LearnCounts operator()(std::uint32_t scenario, std::uint32_t first, std::uint32_t last) const {
    const ScoreUpdatePlan& plan = ledger.plan;
    const ScenarioState before = ledger.partition.scenarios[scenario];
    RunningScore<lane::Scalar> score = running_score(before);
    LearnCounts counts;
    bool moved = false;
    for (std::uint32_t i = first; i < last; ++i) {
      ScoreMove<lane::Scalar> move;
      if (!ledger.apply(order[i], before, move, counts)) continue;
      moved = true;
      const float error = score.move(plan, move, true);
      if (lane::Scalar::as_u(move.target) >> 31 == 0) add_squared_error(error, counts);
    }
    if (moved) ledger.partition.scenarios[scenario] = state_of(score);
    return counts;
  }
};

}  // namespace npo

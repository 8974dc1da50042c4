#pragma once
#include <cstdint>

#include "kernels/elementary.hpp"
#include "kernels/learn_events.hpp"

/// The scores of scenarios while their answers pass by (spec sections 2 and 3): one scenario a lane.
namespace npo {

/// eta_n for 1 <= n < 2^31. With kappa = 1 it is one correctly rounded division, so that c = 1, n0 = 0 gives
/// 1/n and the score is the running mean of its targets.
template <class L>
NPO_HD typename L::F step_size(const StepSchedule& schedule, typename L::U n) {
  using F = typename L::F;
  if (schedule.kind == StepSchedule::Kind::constant) return F(schedule.eta);
  const F at = L::to_float(n) + F(schedule.n0);
  const F power =
      schedule.kappa == 1.0f ? at : elementary::exp<L>(F(schedule.kappa) * elementary::log<L>(at));
  return L::min(L::div(F(schedule.c), power), F(1.0f));
}

/// What an answer does to a score: a decision of base score m(x) and of some round was answered with target
/// y. The sign bit of the target marks an answer that is taken back.
template <class L>
struct ScoreMove {
  typename L::F base, target;
  typename L::U round;
};

/// Learned scores, moved by one answer a lane at a time. The correction c_s = logit(R) - logit(m) follows
/// from the score and the base score it was last moved at, so it is worked out only when a decision of
/// another round, or the end, asks for it.
template <class L>
struct RunningScore {
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  F score, correction;
  U updates, steps, round;
  F base_logit = F(0.0f);  ///< of the last move, where the correction is not worked out
  M stale = U(0u) == U(1u);

  /// The score that the answer to a decision meets.
  NPO_HD F met_by(const ScoreUpdatePlan& plan, const ScoreMove<L>& move) {
    const M fresh = updates == U(0u), same_round = round == move.round;
    if (plan.carry == Carry::keep) return L::select(fresh, move.base, score);
    const M as_stored = same_round & !fresh, travelled = !(same_round | fresh);
    F met = L::select(as_stored, score, move.base);
    if (plan.carry == Carry::offset && L::any(travelled)) {
      work_out_correction();
      const F carried = elementary::shift_log_odds<L>(move.base, correction);
      met = L::select(travelled, carried, met);
    }
    return met;
  }

  /// Moves the scores of the active lanes; returns y - R before the move where an answer was learned.
  NPO_HD F move(const ScoreUpdatePlan& plan, const ScoreMove<L>& move, M active) {
    const F met = met_by(plan, move), target = L::abs(move.target), error = target - met;
    const M learning = active & (L::as_u(move.target) >> 31 == U(0u)), unlearning = active & !learning;
    if (L::any(unlearning)) unlearn(plan, move, met, target, unlearning);
    const U one(1u);
    updates = L::add_if(learning, updates, one);
    steps = L::add_if(learning, steps, one);
    // R <- R + eta_n (y - R): a subtraction, a multiplication and an addition, each rounded.
    settle(met + step_size<L>(plan.step, steps) * error, move, learning);
    return error;
  }

  /// Brings `correction` up to date.
  NPO_HD void work_out_correction() {
    if (!L::any(stale)) return;
    correction = L::select(stale, elementary::logit<L>(score) - base_logit, correction);
    stale = U(0u) == U(1u);
  }

 private:
  NPO_HD void settle(F moved, const ScoreMove<L>& move, M where) {
    score = L::select(where, moved, score);
    round = L::select(where, move.round, round);
    base_logit = L::select(where, elementary::logit<L>(move.base), base_logit);
    stale = stale | where;
  }

  /// Takes an answer back as if it had been the last one (docs/decisions/0006-retraction.md). The steps may
  /// have been restarted since; then the smallest step that the answer can have made is taken back.
  NPO_HD void unlearn(const ScoreUpdatePlan& plan, const ScoreMove<L>& move, F met, F target, M where) {
    const U zero(0u), one(1u);
    const M restarted = steps == zero, only = where & ((updates == zero) | (updates == one));
    const F eta = step_size<L>(plan.step, L::select(restarted, updates, steps)), kept = F(1.0f) - eta;
    const M lost = kept <= F(0.0f);  // a step of one overwrote the earlier score
    const F before = L::div(met - eta * target, L::select(lost, F(1.0f), kept));
    const F clamped = L::min(L::max(before, F(0.0f)), F(1.0f));
    updates = L::select(where, updates - one, updates);
    steps = L::select(where & !restarted, steps - one, steps);
    settle(L::select(lost, move.base, clamped), move, where & !only);
    forget(only);
  }

  NPO_HD void forget(M where) {
    score = L::select(where, F(0.0f), score);
    correction = L::select(where, F(0.0f), correction);
    updates = L::select(where, U(0u), updates);
    steps = L::select(where, U(0u), steps);
    round = L::select(where, U(0u), round);
    stale = stale & !where;
  }
};

/// One scenario.
NPO_HD RunningScore<lane::Scalar> running_score(const ScenarioState& state) {
  return {state.score, state.correction, state.updates, state.steps, state.round};
}
NPO_HD ScenarioState state_of(RunningScore<lane::Scalar> score) {
  score.work_out_correction();
  return {score.score, score.correction, score.updates, score.steps, score.round};
}

}  // namespace npo

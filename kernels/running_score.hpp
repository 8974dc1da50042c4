#pragma once
#include <cstdint>

#include "kernels/elementary.hpp"
#include "kernels/learn_events.hpp"

/// The score of one scenario while its events pass by (spec sections 2 and 3), on the CPU and on the GPU.
namespace npo {

/// eta_n for n >= 1. With kappa = 1 it is one correctly rounded division, so that c = 1, n0 = 0 gives 1/n and
/// the score is the running mean of its targets.
NPO_HD float step_size(const StepSchedule& schedule, std::uint32_t n) {
  if (schedule.kind == StepSchedule::Kind::constant) return schedule.eta;
  const float at = static_cast<float>(n) + schedule.n0;
  const float power = schedule.kappa == 1.0f
                          ? at
                          : elementary::exp<lane::Scalar>(schedule.kappa * elementary::log<lane::Scalar>(at));
  const float eta = schedule.c / power;
  return eta < 1.0f ? eta : 1.0f;
}

/// A scenario's learned score, moved by one answer at a time. The correction c_s = logit(R) - logit(m) is a
/// function of the score and of the base score it was last moved at, so it is worked out only when a decision
/// of another round, or the end, asks for it.
class RunningScore {
 public:
  NPO_HD explicit RunningScore(const ScenarioState& state) : state_(state) {}

  /// The score that the answer to a decision of `round` with base score m(x) = `base` meets (spec section 2).
  NPO_HD float at(const ScoreUpdatePlan& plan, float base, std::uint32_t round) {
    if (state_.updates == 0) return base;
    if (state_.round == round || plan.carry == Carry::keep) return state_.score;
    if (plan.carry == Carry::reset) return base;
    refresh_correction();
    return elementary::sigmoid<lane::Scalar>(elementary::logit<lane::Scalar>(base) + state_.correction);
  }

  /// R <- R + eta_n (y - R): a subtraction, a multiplication, an addition, each rounded. Returns y - R before
  /// the step.
  NPO_HD float learn(const ScoreUpdatePlan& plan, float target, float base, std::uint32_t round) {
    const float score = at(plan, base, round);
    ++state_.updates;
    ++state_.steps;
    const float error = target - score;
    const float move = step_size(plan.step, state_.steps) * error;
    move_to(score + move, base, round);
    return error;
  }

  /// Takes an answer back as if it had been the last one (docs/decisions/retraction.md). The steps may have
  /// been restarted since; then the smallest step that the answer can have made is taken back.
  NPO_HD void unlearn(const ScoreUpdatePlan& plan, float target, float base, std::uint32_t round) {
    if (state_.updates <= 1) {
      state_ = ScenarioState{};
      stale_ = false;
      return;
    }
    const float eta = step_size(plan.step, state_.steps > 0 ? state_.steps : state_.updates);
    const float before = (at(plan, base, round) - eta * target) / (1.0f - eta);
    --state_.updates;
    if (state_.steps > 0) --state_.steps;
    const float clamped = before < 0.0f ? 0.0f : before > 1.0f ? 1.0f : before;
    move_to(eta < 1.0f ? clamped : base, base, round);
  }

  NPO_HD ScenarioState state() {
    refresh_correction();
    return state_;
  }

 private:
  NPO_HD void move_to(float score, float base, std::uint32_t round) {
    state_.score = score;
    state_.round = round;
    base_ = base;
    stale_ = true;
  }
  NPO_HD void refresh_correction() {
    if (!stale_) return;
    state_.correction =
        elementary::logit<lane::Scalar>(state_.score) - elementary::logit<lane::Scalar>(base_);
    stale_ = false;
  }

  ScenarioState state_;
  float base_ = 0.0f;
  bool stale_ = false;
};

}  // namespace npo

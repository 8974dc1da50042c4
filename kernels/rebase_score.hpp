#pragma once
#include "kernels/elementary.hpp"
#include "kernels/lane/scalar.hpp"
#include "kernels/learn_events.hpp"
#include "kernels/vocabulary.hpp"

/// Moving what is known of a scenario from one model to the next (spec section 2, `rebase`).
namespace npo {

/// How much of a scenario's disagreement with the new model stays, by its lifetime updates N.
struct KeptShare {
  float shrink_by = 10.0f;  ///< N / (N + shrink_by); 0 keeps all
  bool none = false;        ///< `reset`
  NPO_HD float operator()(std::uint32_t updates) const {
    if (none) return 0.0f;
    const float n = static_cast<float>(updates);
    return n / (n + shrink_by);
  }
};

/// The score that a scenario with base score m(x) = `base` has, as scoring and learning carry it.
NPO_HD float carried_score(const ScenarioState& state, float base, Carry carry) {
  if (carry == Carry::keep) return state.score;
  if (carry == Carry::reset) return base;
  return elementary::shift_log_odds<lane::Scalar>(base, state.correction);
}

/// The state under the new model, whose base score is `new_base`: c = share (logit R - logit m_new) and the
/// score that this correction gives. The step counter restarts; N stays.
NPO_HD ScenarioState rebase_score(const ScenarioState& state, float score, float new_base,
                                  const KeptShare& share) {
  const float start = elementary::logit<lane::Scalar>(new_base);
  ScenarioState rebased = state;
  rebased.correction = share(state.updates) * (elementary::logit<lane::Scalar>(score) - start);
  rebased.score = elementary::shift_log_odds<lane::Scalar>(new_base, rebased.correction);
  rebased.steps = 0;
  return rebased;
}

}  // namespace npo

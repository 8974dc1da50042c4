#pragma once
#include "kernels/loop_plan.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

/// Which scenario an episode is about and what the operator makes of the decision (spec section 8, steps 1
/// and 3 to 8). One random word decides both unless the plan is `wide`: its product with the number of
/// scenarios has the scenario above and luck, a uniform fraction, below.
namespace npo {

/// A scenario, and the luck that decides its answer.
template <class L>
struct LoopCase {
  typename L::U scenario;
  typename L::F luck;
};

template <class L, bool general>
class LoopOperatorLanes {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD explicit LoopOperatorLanes(const LoopPlan& plan) : plan_(plan) {}

  NPO_HD void set_adversarial(M where) { adversarial_ = L::select(where, U(2u), U(0u)); }

  /// `draw_wide(words)` gives four more words of the episode.
  template <class DrawWide>
  NPO_HD LoopCase<L> choose(U word, const DrawWide& draw_wide) const {
    if constexpr (general)
      if (plan_.wide) return choose_widely(draw_wide);
    const auto product = L::mul(L::split(word), plan_.scenarios);
    return {L::join(product.hi), uniform_open<L>(L::join(product.lo))};
  }

  /// The cell of decision and answer; latent is p_s.
  NPO_HD U answer(const LoopCase<L>& now, F threshold, F score, F latent) const {
    const M surfaced = threshold <= score;
    const U law = L::select(surfaced, adversarial_ | U(1u), adversarial_);
    const auto below = [&](int i) {
      const F cut = L::fma(L::lookup(L::table(plan_.tables.cut_slope[i]), law), latent,
                           L::lookup(L::table(plan_.tables.cut_offset[i]), law));
      return now.luck < cut;
    };
    U kind = L::select(below(2), U(2u), U(3u));
    kind = L::select(below(1), U(1u), kind);
    kind = L::select(below(0), U(0u), kind);
    const U cell = L::select(surfaced, kind + U(4u), kind);
    if constexpr (general)
      if (plan_.blocked) return L::select(is_blocked(now.scenario), U(loop_no_cell), cell);
    return cell;
  }

  /// Only where the plan has blocked scenarios.
  NPO_HD M is_blocked(U scenario) const { return L::gather(plan_.blocked, scenario) == U(1u); }

 private:
  template <class DrawWide>
  NPO_HD LoopCase<L> choose_widely(const DrawWide& draw_wide) const {
    U words[4];
    draw_wide(words);
    U scenario = L::join(L::mul(L::split(words[0]), plan_.scenarios).hi);
    if (plan_.keep) {
      const M kept = uniform_open<L>(words[1]) < L::gather(plan_.keep, scenario);
      scenario = L::select(kept, scenario, L::gather(plan_.alias, scenario));
    }
    return {scenario, uniform_open<L>(words[2])};
  }

  const LoopPlan& plan_;
  U adversarial_ = U(0u);
};

}  // namespace npo

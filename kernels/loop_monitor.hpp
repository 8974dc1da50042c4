#pragma once
#include "kernels/elementary.hpp"
#include "kernels/loop_memory.hpp"

/// The meta-monitor of a replicate (spec section 7).
namespace npo {

/// Two losses closer than this count as equal, so that ties (which are frequent, since windows hold few
/// values) do not depend on rounding. An alarm needs more than the line.
inline constexpr float loop_loss_tie = 0x1p-20f;

template <class L>
NPO_HD typename L::M above_line(typename L::F loss, typename L::F line) {
  return line + typename L::F(loop_loss_tie) < loss;
}

/// The smooth policy at `loss` minus at `truth`, both as distances to the line in units of 1 / k, from
/// sigmoid(a) = 1 / (1 + e^-a).
template <class L>
NPO_HD typename L::F smooth_policy_gap(typename L::F loss, typename L::F truth) {
  using F = typename L::F;
  const auto decay = [](F x) {
    return elementary::exp_number<L>(L::min(L::max(L::negate(x), F(-40.0f)), F(40.0f)));
  };
  const F x = decay(loss), y = decay(truth);
  return L::div(y - x, (x + F(1.0f)) * (y + F(1.0f)));
}

/// Lanes of monitors. `general` has the variants: ewma and a reference that moves.
template <class L, bool general>
class LoopMonitorLanes {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD LoopMonitorLanes(const LoopPlan& plan, const LoopMemory& memory)
      : plan_(plan), memory_(memory), places_{memory.stride, memory.lane} {}

  /// Takes in what the learner saw of a decision where `counted`.
  NPO_HD void watch(M counted, U cell) {
    const U seen = L::as_u(L::lookup(L::table(plan_.tables.seen), cell)), place = places_(position_);
    const U oldest = L::select(full(), L::gather(memory_.seen, place), U(0u));
    if constexpr (general) smooth(counted, L::lookup(L::table(plan_.tables.seen_loss), cell));
    L::scatter(memory_.seen, place, L::select(counted, seen, oldest));
    halves_ = L::add_if(counted, halves_, (seen & U(3u)) - (oldest & U(3u)));
    skips_ = L::add_if(counted, skips_, (seen >> 2) - (oldest >> 2));
    filled_ = L::add_if(counted, filled_, U(1u));
    position_ = L::add_if(counted, position_, U(1u));
    const M turned = position_ == U(plan_.window);
    position_ = L::select(turned, U(0u), position_);
    if constexpr (general) best_ = L::select(turned & counted, L::min(best_, window_mean()), best_);
  }

  NPO_HD M full() const { return L::signed_le(U(plan_.window), filled_); }
  /// Whether the moment counts in fidelity, truth rate and alarm rate.
  NPO_HD M scored() const { return full() | (refilling_ == U(1u)); }

  /// Lhat; meaningless until `full`.
  NPO_HD F loss() const {
    if constexpr (general)
      if (plan_.ewma) return smoothed_;
    return window_mean();
  }
  /// L_ref + delta.
  NPO_HD F line() const {
    if constexpr (general)
      if (plan_.reference == LoopReference::best) return best_ + F(plan_.delta);
    return fixed_line_;
  }
  NPO_HD void set_floor(M where, F floor) {
    const F line = plan_.reference == LoopReference::absolute ? F(plan_.theta) : floor + F(plan_.delta);
    fixed_line_ = L::select(where, line, fixed_line_);
  }

  /// After a retrain, for which the window was full: silent until it is full again.
  NPO_HD void clear(M where) {
    halves_ = L::select(where, U(0u), halves_);
    skips_ = L::select(where, U(0u), skips_);
    filled_ = L::select(where, U(0u), filled_);
    position_ = L::select(where, U(0u), position_);
    refilling_ = L::select(where, U(plan_.refill_counts ? 1u : 0u), refilling_);
    if constexpr (general) best_ = L::select(where, F(no_best), best_);
  }

 private:
  static constexpr float no_best = 1e30f;

  NPO_HD F window_mean() const {
    return L::fma(F(plan_.lambda), L::to_float(skips_), F(0.5f) * L::to_float(halves_)) *
           F(plan_.inverse_window);
  }
  NPO_HD void smooth(M counted, F loss) {
    const F moved = L::fma(F(plan_.ewma_gain), loss - smoothed_, smoothed_);
    smoothed_ = L::select(counted, L::select(filled_ == U(0u), loss, moved), smoothed_);
  }

  const LoopPlan& plan_;
  const LoopMemory& memory_;
  LoopPlaces<L> places_;
  U halves_ = U(0u), skips_ = U(0u), filled_ = U(0u), position_ = U(0u);
  U refilling_ = U(0u);  ///< 1 after a retrain where that counts; the window may be full again
  F fixed_line_ = F(0.0f), best_ = F(no_best), smoothed_ = F(0.0f);
};

}  // namespace npo

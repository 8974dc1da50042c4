#pragma once
#include "kernels/loop_memory.hpp"

/// The true expected loss under every threshold, kept up to date as scores move (spec section 8). It is an
/// integer sum over the scenarios that are not blocked, so that what is added when a score crosses a
/// threshold is exactly what is taken away when it crosses back.
namespace npo {

template <class L>
class LoopTruth {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD LoopTruth(const LoopPlan& plan, const LoopMemory& memory)
      : plan_(plan), memory_(memory), places_{memory.stride, memory.lane} {}

  /// Expected loss of a scenario under the two decisions, in units, with honest feedback.
  NPO_HD U surfaced_units(F latent) const {
    return L::to_int(L::fma(F(plan_.surfaced_slope), latent, F(plan_.surfaced_offset)) + F(0.5f));
  }
  NPO_HD U withheld_units(F latent) const {
    return L::to_int(L::fma(F(plan_.withheld_slope), latent, F(plan_.withheld_offset)) + F(0.5f));
  }
  /// Surfaced minus withheld, modulo 2^32.
  NPO_HD U gain(F latent) const { return surfaced_units(latent) - withheld_units(latent); }

  /// Units as a mean loss over scenarios.
  NPO_HD F loss(U units) const { return L::to_float(units) * F(plan_.unit); }

  NPO_HD void clear(M where) {
    error_ = L::select(where, U(0u), error_);
    score_ = L::select(where, U(0u), score_);
    for (std::uint32_t k = 0; k < plan_.arms; ++k) {
      std::uint32_t* const sum = memory_.expected + places_.row(k);
      L::store(sum, L::select(where, U(0u), L::load(sum)));
    }
  }
  /// Counts a scenario in that gets feedback; returns the units of the cheaper decision.
  NPO_HD U include_loss(M where, F score, F latent) const {
    const U withheld = withheld_units(latent), surfaced = surfaced_units(latent);
    for (std::uint32_t k = 0; k < plan_.arms; ++k) {
      std::uint32_t* const sum = memory_.expected + places_.row(k);
      const U units = L::select(F(plan_.tables.threshold[k]) <= score, surfaced, withheld);
      L::store(sum, L::add_if(where, L::load(sum), units));
    }
    return L::select(L::signed_le(surfaced, withheld), surfaced, withheld);
  }
  NPO_HD void include_score(M where, F score, F latent) {
    error_ = L::add_if(where, error_, error_units(score, latent));
    score_ = L::add_if(where, score_, units(score));
  }

  /// Sums in units of 1 / unit_scale.
  NPO_HD U squared_error() const { return error_; }
  NPO_HD U scores() const { return score_; }

  /// Follows a score from `before` to `after`. `Arms` is the number of arms, 0 where it is known at run time
  /// only.
  template <int Arms>
  NPO_HD void follow(F before, F after, F latent, U gain) {
    error_ = error_ + (error_units(after, latent) - error_units(before, latent));
    score_ = score_ + (units(after) - units(before));
    const U loss = U(0u) - gain;
    const auto follow_arm = [&](std::uint32_t k) {
      const F threshold(plan_.tables.threshold[k]);
      std::uint32_t* const sum = memory_.expected + places_.row(k);
      const U without = L::add_if(threshold <= before, L::load(sum), loss);
      L::store(sum, L::add_if(threshold <= after, without, gain));
    };
    for_each_arm<Arms>(follow_arm);
  }

  /// Units under the threshold of `arm`.
  template <int Arms>
  NPO_HD U under(U arm) const {
    if constexpr (Arms == 0) {
      return L::gather(memory_.expected, places_(arm));
    } else {
      U units = L::load(memory_.expected + places_.row(0));
      NPO_UNROLL
      for (std::uint32_t k = 1; k < static_cast<std::uint32_t>(Arms); ++k)
        units = L::select(arm == U(k), L::load(memory_.expected + places_.row(k)), units);
      return units;
    }
  }

  /// Counts an episode for its arm.
  template <int Arms>
  NPO_HD void count(M where, U arm) const {
    const auto count_arm = [&](std::uint32_t k) {
      std::uint32_t* const episodes = memory_.played + places_.row(k);
      L::store(episodes, L::add_if(where & (arm == U(k)), L::load(episodes), U(1u)));
    };
    for_each_arm<Arms>(count_arm);
  }

 private:
  template <int Arms, class Work>
  NPO_HD void for_each_arm(const Work& work) const {
    if constexpr (Arms > 0) {
      NPO_UNROLL
      for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(Arms); ++k) work(k);
    } else {
      for (std::uint32_t k = 0; k < plan_.arms; ++k) work(k);
    }
  }

  /// x in [0, 1] in units, rounded.
  NPO_HD U units(F x) const { return L::to_int(L::fma(F(plan_.unit_scale), x, F(0.5f))); }
  NPO_HD U error_units(F score, F latent) const {
    const F error = score - latent;
    return units(error * error);
  }

  const LoopPlan& plan_;
  const LoopMemory& memory_;
  LoopPlaces<L> places_;
  U error_ = U(0u), score_ = U(0u);
};

}  // namespace npo

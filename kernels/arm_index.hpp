#pragma once
#include "kernels/elementary.hpp"

/// Upper confidence indices of a Bernoulli arm with mean S / n after n plays.
namespace npo {

/// mean + sqrt(budget / n), budget = exploration ln(all plays) (Auer, Cesa-Bianchi and Fischer 2002).
template <class L>
NPO_HD typename L::F ucb1_index(typename L::F mean, typename L::F plays, typename L::F budget) {
  return mean + L::sqrt(L::div(budget, plays));
}

/// The largest q in [mean, 1] with n KL(mean, q) <= budget (Garivier and Cappe 2011), by 24 halvings, so to
/// 2^-24. KL(p, q) = p ln(p/q) + (1-p) ln((1-p)/(1-q)).
template <class L>
NPO_HD typename L::F kl_ucb_index(typename L::F mean, typename L::F plays, typename L::F budget) {
  using F = typename L::F;
  const F least(0x1p-60f);  // ln of a vanished share is multiplied by a share of 0
  const F other = F(1.0f) - mean;
  const auto likelihood = [&](F q) {
    return L::fma(mean, elementary::log_normal<L>(L::max(q, least)),
                  other * elementary::log_normal<L>(L::max(F(1.0f) - q, least)));
  };
  const F floor = likelihood(mean) - L::div(budget, plays);
  F low = mean, high(1.0f);
  for (int halving = 0; halving < 24; ++halving) {
    const F middle = F(0.5f) * (low + high);
    const auto inside = floor <= likelihood(middle);
    low = L::select(inside, middle, low);
    high = L::select(inside, high, middle);
  }
  return low;
}

}  // namespace npo

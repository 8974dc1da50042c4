#pragma once
#include "kernels/beta_sampler.hpp"

/// Betas drawn one after the other, each tried again in the lanes where it is refused.
namespace npo {

/// The two gammas of a Beta, ready for proposals.
template <class L>
struct BetaShape {
  GammaShape<L> x, y;
};

/// theta = x / (x + y).
template <class L>
struct BetaFraction {
  typename L::F x, y;
};

/// One Beta for each lane of `active`; 0 elsewhere. `random(attempt, words)` gives the words of a try. A
/// refused try is repeated with the next attempt in the lanes that need it, and changes nothing in the
/// others.
template <class L, class Random>
NPO_HD BetaFraction<L> draw_beta(const BetaSampler<L>& sampler, const BetaShape<L>& shape,
                                 typename L::M active, const Random& random) {
  using F = typename L::F;
  BetaFraction<L> drawn{F(0.0f), F(1.0f)};
  typename L::M pending = active;
  for (std::uint32_t attempt = 0; L::any(pending); ++attempt) {
    typename L::U words[4];
    random(attempt, words);
    F x, y;
    const typename L::M taken = sampler.propose(words, shape.x, shape.y, pending, x, y) & pending;
    drawn.x = L::select(taken, x, drawn.x);
    drawn.y = L::select(taken, y, drawn.y);
    pending = pending & (!taken);
  }
  return drawn;
}

/// Index of the largest of `arms` Betas, ties to the lowest; 0 outside `active`. `shape(arm)` is the
/// BetaShape of an arm, `random(attempt, arm, words)` gives the words of a try.
template <class L, class Shape, class Random>
NPO_HD typename L::U draw_largest(const BetaSampler<L>& sampler, std::uint32_t arms, typename L::M active,
                                  const Shape& shape, const Random& random) {
  using F = typename L::F;
  using U = typename L::U;
  F best_x(0.0f), best_y(1.0f);
  U best(0u);
  for (std::uint32_t arm = 0; arm < arms; ++arm) {
    const BetaFraction<L> theta = draw_beta<L>(
        sampler, shape(arm), active, [&](std::uint32_t attempt, U* words) { random(attempt, arm, words); });
    const typename L::M better = best_x * theta.y < theta.x * best_y;  // x / y > best
    best_x = L::select(better, theta.x, best_x);
    best_y = L::select(better, theta.y, best_y);
    best = L::select(better, U(arm), best);
  }
  return best;
}

}  // namespace npo

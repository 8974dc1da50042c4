#pragma once
#include "kernels/beta_sampler.hpp"
#include "kernels/philox.hpp"

/// One Thompson draw for each lane (spec section 4).
namespace npo {

/// Posteriors as a table of rows of `arms` shapes, and the words that select the random numbers.
struct ArmDrawPlan {
  const float* shape_a;  ///< [rows of the table][arms]
  const float* shape_b;
  int arms;
  std::uint32_t step;
  RandomPurpose purpose;
};

/// Index of the largest of theta_k ~ Beta(shape_a[first + k], shape_b[first + k]), ties to the lowest. Arm k
/// uses the Philox blocks k of (seed, purpose, entity, step); a refused try is repeated with the next attempt
/// number in the lanes that need it, and changes nothing in the others. Lanes outside `active` return 0.
template <class L>
NPO_HD typename L::U draw_arm(const BetaSampler<L>& sampler, const PhiloxKey& key, const ArmDrawPlan& plan,
                              typename L::U first, typename L::U entity_low, typename L::U entity_high,
                              typename L::M active) {
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;
  const Philox<L> random(key);
  F best_x(0.0f), best_y(1.0f);
  U best(0u);
  for (int arm = 0; arm < plan.arms; ++arm) {
    const std::uint32_t block = static_cast<std::uint32_t>(arm);
    const U cell = first + U(block);
    const GammaShape<L> of_x(L::gather(plan.shape_a, cell)), of_y(L::gather(plan.shape_b, cell));
    F x(0.0f), y(1.0f);
    M pending = active;
    for (std::uint32_t attempt = 0; L::any(pending); ++attempt) {
      U words[4];
      random.shared(philox_selector(plan.purpose, attempt, block), entity_low, plan.step, entity_high, words);
      F proposed_x, proposed_y;
      const M taken = sampler.propose(words, of_x, of_y, pending, proposed_x, proposed_y) & pending;
      x = L::select(taken, proposed_x, x);
      y = L::select(taken, proposed_y, y);
      pending = pending & (!taken);
    }
    const M better = best_x * y < x * best_y;  // x / y > best
    best_x = L::select(better, x, best_x);
    best_y = L::select(better, y, best_y);
    best = L::select(better, U(block), best);
  }
  return best;
}

}  // namespace npo

#pragma once
#include "kernels/beta_race.hpp"
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
/// uses the Philox blocks k of (seed, purpose, entity, step), its tries their attempts. Lanes outside
/// `active` return 0.
template <class L>
NPO_HD typename L::U draw_arm(const BetaSampler<L>& sampler, const PhiloxKey& key, const ArmDrawPlan& plan,
                              typename L::U first, typename L::U entity_low, typename L::U entity_high,
                              typename L::M active) {
  const Philox<L> random(key);
  return draw_largest<L>(
      sampler, static_cast<std::uint32_t>(plan.arms), active,
      [&](std::uint32_t arm) {
        const typename L::U cell = first + typename L::U(arm);
        return BetaShape<L>{GammaShape<L>(L::gather(plan.shape_a, cell)),
                            GammaShape<L>(L::gather(plan.shape_b, cell))};
      },
      [&](std::uint32_t attempt, std::uint32_t arm, typename L::U* words) {
        random.shared(philox_selector(plan.purpose, attempt, arm), entity_low, plan.step, entity_high, words);
      });
}

}  // namespace npo

#pragma once
#include "kernels/beta_race.hpp"
#include "kernels/loop_plan.hpp"
#include "kernels/philox.hpp"

/// The random facts of a replicate's world (spec section 8): who its operator is, what operators want, where
/// scores begin. Random words by (purpose, step, block):
///   loop_world 2^32-1 0  word 0: whether the operator is adversarial
///   loop_world s 0       words 0 and 1: the normal of scenario s's first score
///   loop_latent s d      words 0 to 2: p_s at redraw d (0: the first draw); word 3: whether it is redrawn
namespace npo {

/// Which replicates the lanes are: entities that differ in their low words only.
template <class L>
struct LoopEntity {
  typename L::U low;
  std::uint32_t high;
};

template <class L>
class LoopWorldDrawer {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD LoopWorldDrawer(const LoopPlan& plan, const Philox<L>& random, const BetaSampler<L>& sampler,
                         const LoopEntity<L>& entity)
      : plan_(plan), random_(random), sampler_(sampler), entity_(entity) {}

  NPO_HD M draw_adversarial() const {
    U words[4];
    draw(RandomPurpose::loop_world, 0xffffffffu, 0, 0, words);
    return uniform_dense<L>(words[0]) <= F(plan_.adversarial);
  }

  /// p_s of redraw `number`, and whether the scenario is among the redrawn. Lanes outside `wanted` are void.
  NPO_HD F draw_latent(std::uint32_t scenario, std::uint32_t number, M wanted, M& redrawn) const {
    U words[4];
    draw(RandomPurpose::loop_latent, scenario, number, 0, words);
    redrawn = uniform_dense<L>(words[3]) <= F(plan_.redraw);
    if (plan_.latent == LoopLatent::constant) return F(plan_.base_rate);
    if (plan_.latent == LoopLatent::beta) return draw_latent_beta(scenario, number, wanted, words);
    return L::select(uniform_dense<L>(words[0]) <= F(plan_.base_rate), F(1.0f), F(0.0f));
  }

  /// R_s before the first episode.
  NPO_HD F draw_score(std::uint32_t scenario, F latent) const {
    U words[4];
    draw(RandomPurpose::loop_world, scenario, 0, 0, words);
    F noise, unused;
    sampler_.normals(words[0], words[1], noise, unused);
    const F middle = L::fma(F(plan_.initial_slope), latent - F(0.5f), F(0.5f));
    return L::min(L::max(L::fma(F(plan_.initial_noise), noise, middle), F(0.0f)), F(1.0f));
  }

 private:
  NPO_HD void draw(RandomPurpose purpose, std::uint32_t step, std::uint32_t block, std::uint32_t attempt,
                   U* words) const {
    random_.shared(philox_selector(purpose, attempt, block), entity_.low, step, U(entity_.high), words);
  }

  /// `first` are the words of the first try.
  NPO_HD F draw_latent_beta(std::uint32_t scenario, std::uint32_t number, M wanted, const U* first) const {
    const BetaShape<L> shape{GammaShape<L>(F(plan_.latent_a)), GammaShape<L>(F(plan_.latent_b))};
    const BetaFraction<L> latent =
        draw_beta<L>(sampler_, shape, wanted, [&](std::uint32_t attempt, U* words) {
          for (int i = 0; i < 3; ++i) words[i] = first[i];
          if (attempt > 0) draw(RandomPurpose::loop_latent, scenario, number, attempt, words);
        });
    return L::div(latent.x, latent.x + latent.y);
  }

  const LoopPlan& plan_;
  const Philox<L>& random_;
  const BetaSampler<L>& sampler_;
  const LoopEntity<L>& entity_;
};

}  // namespace npo

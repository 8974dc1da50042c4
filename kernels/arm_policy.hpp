#pragma once
#include <cstddef>

#include "kernels/arm_index.hpp"
#include "kernels/beta_race.hpp"
#include "kernels/elementary.hpp"
#include "kernels/study_policy.hpp"

/// Every policy over any number of arms, with its counts in memory: one functor for a bandit's step and for a
/// loop's episode (spec section 4). For Thompson sampling over few arms `JointThompson` is faster.
namespace npo {

/// A policy's options as lanes use them.
struct ArmPlan {
  StudyPolicy kind;
  std::uint32_t arms;
  float prior_success, prior_failure, discount, exploration, log_log;
  float explore24;  ///< epsilon 2^24
  std::uint32_t window, fixed_arm;

  ArmPlan(const PolicyOptions& options, std::uint32_t arm_count)
      : kind(options.kind),
        arms(arm_count),
        prior_success(static_cast<float>(options.prior_success)),
        prior_failure(static_cast<float>(options.prior_failure)),
        discount(static_cast<float>(options.discount)),
        exploration(static_cast<float>(options.exploration)),
        log_log(static_cast<float>(options.log_log)),
        explore24(static_cast<float>(options.epsilon * 0x1p24)),
        window(options.window),
        fixed_arm(options.fixed_arm) {}
};

/// Where the counts of a pack of lanes lie: count k of lane i at [k * stride + i], all zero at the start. A
/// pack has stride L::width or more; CUDA threads share arrays with a stride of all threads.
struct ArmRows {
  float* success;  ///< [arms][stride] S_k
  float* failure;  ///< [arms][stride] F_k
  std::size_t stride;
  std::uint16_t* recent = nullptr;   ///< [window][stride], sliding_thompson only: 1 + 2 arm + success
  std::uint32_t* learned = nullptr;  ///< [stride], sliding_thompson only: successes and failures so far
};

template <class L>
class ArmPolicy {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD ArmPolicy(const ArmPlan& plan, const BetaSampler<L>& sampler, const ArmRows& rows)
      : plan_(plan), sampler_(sampler), rows_(rows) {}

  /// The arm of this episode in the lanes of `active`; elsewhere any arm. `random(attempt, block, words)`
  /// gives four words of the episode for each lane. Thompson sampling draws arm k from words 0 to 2 of block
  /// k, at the next attempt in lanes that are refused; epsilon_greedy uses words 0 and 1 of block 0; the rest
  /// are free.
  template <class Random>
  NPO_HD U choose(const Random& random, M active) const {
    switch (plan_.kind) {
      case StudyPolicy::thompson:
      case StudyPolicy::discounted_thompson:
      case StudyPolicy::sliding_thompson:
        return draw(random, active);
      case StudyPolicy::ucb1: {
        const F budget = F(plan_.exploration) * log_plays();
        return best_index([&](F mean, F plays) { return ucb1_index<L>(mean, plays, budget); });
      }
      case StudyPolicy::kl_ucb: {
        const F log_plays_so_far = log_plays();
        // ln ln n, counted as 0 below n = 3 (ln 3 = 1.0986).
        const F slow = elementary::log_normal<L>(L::max(log_plays_so_far, F(1.0f)));
        const F budget = L::fma(F(plan_.log_log), slow, log_plays_so_far);
        return best_index([&](F mean, F plays) { return kl_ucb_index<L>(mean, plays, budget); });
      }
      case StudyPolicy::epsilon_greedy:
        return explore_or_best(random);
      case StudyPolicy::fixed:
        break;
    }
    return U(plan_.fixed_arm);
  }

  /// Counts one success or failure of `arm` in the lanes of `where`.
  NPO_HD void learn(U arm, M success, M where) const {
    if (plan_.kind == StudyPolicy::fixed) return;
    if (plan_.kind == StudyPolicy::sliding_thompson) return slide(arm, success, where);
    const bool discounted = plan_.kind == StudyPolicy::discounted_thompson;
    const M won = success & where, lost = (!success) & where;
    for (std::uint32_t k = 0; k < plan_.arms; ++k) {
      const M here = arm == U(k);
      F s = successes(k), f = failures(k);
      if (discounted) {
        s = L::select(where, s * F(plan_.discount), s);
        f = L::select(where, f * F(plan_.discount), f);
      }
      L::store(rows_.success + k * rows_.stride, L::add_if(won & here, s, F(1.0f)));
      L::store(rows_.failure + k * rows_.stride, L::add_if(lost & here, f, F(1.0f)));
    }
  }

  /// S_k and F_k, discounted or of the window where the policy says so.
  NPO_HD F successes(std::uint32_t k) const { return L::load(rows_.success + k * rows_.stride); }
  NPO_HD F failures(std::uint32_t k) const { return L::load(rows_.failure + k * rows_.stride); }

 private:
  template <class Random>
  NPO_HD U draw(const Random& random, M active) const {
    return draw_largest<L>(
        sampler_, plan_.arms, active,
        [this](std::uint32_t k) {
          return BetaShape<L>{GammaShape<L>(successes(k) + F(plan_.prior_success)),
                              GammaShape<L>(failures(k) + F(plan_.prior_failure))};
        },
        random);
  }

  /// ln of all plays so far, at least ln 1.
  NPO_HD F log_plays() const {
    F plays(0.0f);
    for (std::uint32_t k = 0; k < plan_.arms; ++k) plays = plays + (successes(k) + failures(k));
    return elementary::log_normal<L>(L::max(plays, F(1.0f)));
  }

  /// The arm with the largest index; arms that were never played come first.
  template <class Index>
  NPO_HD U best_index(const Index& index) const {
    F best_value(-1.0f);
    U best(0u);
    for (std::uint32_t k = 0; k < plan_.arms; ++k) {
      const F s = successes(k), plays = s + failures(k), some = L::max(plays, F(1.0f));
      const F value = L::select(plays == F(0.0f), F(elementary::infinity), index(L::div(s, some), some));
      const M better = best_value < value;
      best_value = L::select(better, value, best_value);
      best = L::select(better, U(k), best);
    }
    return best;
  }

  template <class Random>
  NPO_HD U explore_or_best(const Random& random) const {
    U words[4];
    random(0u, 0u, words);
    const U best = best_index([](F mean, F) { return mean; });
    const M explore = L::to_float(words[0] >> 8) < F(plan_.explore24);
    const U any_arm = L::join(L::mul(L::split(words[1]), plan_.arms).hi);
    return L::select(explore, any_arm, best);
  }

  /// Puts the newest outcome in the place of the oldest, lane by lane.
  NPO_HD void slide(U arm, M success, M where) const {
    std::uint32_t arms[L::width];
    L::store(arms, arm);
    const std::uint32_t won = L::bits(success), active = L::bits(where);
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(L::width); ++i) {
      if (!(active >> i & 1u)) continue;
      const std::uint32_t hit = won >> i & 1u;
      std::uint16_t& slot = rows_.recent[rows_.learned[i] % plan_.window * rows_.stride + i];
      if (slot != 0) count(i, (slot - 1u) >> 1, (slot - 1u) & 1u) -= 1.0f;
      slot = static_cast<std::uint16_t>(1u + 2u * arms[i] + hit);
      count(i, arms[i], hit) += 1.0f;
      ++rows_.learned[i];
    }
  }
  NPO_HD float& count(std::uint32_t lane, std::uint32_t arm, std::uint32_t success) const {
    return (success ? rows_.success : rows_.failure)[arm * rows_.stride + lane];
  }

  const ArmPlan& plan_;
  const BetaSampler<L>& sampler_;
  ArmRows rows_;
};

}  // namespace npo

#pragma once
#include "kernels/arm_policy.hpp"
#include "kernels/joint_thompson.hpp"

/// How a closed loop draws its arms: a Chooser has `arms` (0 where it is known at run time only), `blocks` of
/// random words that it wants at once,
///     choose(words, random, live, arm)  draws an arm where the result is true, from all words of its blocks
///     but
///                                       the first and more from random(attempt, block, words), blocks from 1
///     learn(arm, success, failure)      takes in a like or an override of an arm drawn now or earlier
namespace npo {

/// Thompson sampling over K arms in registers. Where the result is false the arm was refused, and the episode
/// is to be tried again at the next attempt. `delayed`: feedback may be for an earlier arm than the last.
template <class L, int K, bool delayed>
class JointChooser {
 public:
  using U = typename L::U;
  using M = typename L::M;
  static constexpr int arms = K, uniforms = K + 1;  ///< radii and the acceptance
  static constexpr int blocks = (1 + joint_word_count<K, uniforms> + 3) / 4;

  NPO_HD JointChooser(const ArmPlan& plan, const BetaSampler<L>& sampler)
      : thompson_(plan.prior_success, plan.prior_failure), sampler_(sampler) {}

  template <class Random>
  NPO_HD M choose(const U* words, const Random&, U, M live, U& arm) {
    const M accepted = thompson_.propose(sampler_, joint_words<L, K, uniforms>(words), live, choice_);
    arm = choice_.arm;
    return accepted;
  }

  NPO_HD void learn(U arm, M success, M failure) {
    if constexpr (delayed)
      thompson_.learn(thompson_.choice_of(arm), success, success | failure);
    else
      thompson_.learn(choice_, success, success | failure);
  }

 private:
  JointThompson<L, K> thompson_;
  const BetaSampler<L>& sampler_;
  typename JointThompson<L, K>::Choice choice_{};
};

/// Every policy over any number of arms; never refuses.
template <class L>
class PolicyChooser {
 public:
  using U = typename L::U;
  using M = typename L::M;
  static constexpr int arms = 0, blocks = 1;

  NPO_HD PolicyChooser(const ArmPlan& plan, const BetaSampler<L>& sampler, const ArmRows& rows)
      : policy_(plan, sampler, rows) {}

  template <class Random>
  NPO_HD M choose(const U*, const Random& random, U, M live, U& arm) {
    arm = policy_.choose(
        [&](std::uint32_t attempt, std::uint32_t block, U* words) { random(U(attempt), block + 1, words); },
        live);
    return live;
  }
  NPO_HD void learn(U arm, M success, M failure) { policy_.learn(arm, success, success | failure); }

 private:
  ArmPolicy<L> policy_;
};

}  // namespace npo

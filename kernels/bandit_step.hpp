#pragma once
#include "kernels/bandit_plan.hpp"
#include "kernels/joint_thompson.hpp"
#include "kernels/philox.hpp"

/// One bandit for each lane, from its first step to its last stop (spec section 4).
///
/// Random words of step t (from 0), purpose bandit_draw: in block 0 two words for the arms, one to accept,
/// one for the reward; what else a policy needs follows in the next blocks. So the reward is the same number
/// for every policy where they agree on the step's attempt.
namespace npo {

/// Which replicates the lanes are.
template <class L>
struct BanditLanes {
  typename L::U entity_low;
  std::uint32_t entity_high;
  typename L::M present;
};

/// The mean of arm k in this segment, times 2^24.
template <class L>
NPO_HD typename L::F segment_mean(const BanditPlan& plan, const PhiloxKey& key, const BetaSampler<L>& sampler,
                                  const BanditLanes<L>& lanes, std::uint32_t segment, std::uint32_t k) {
  using F = typename L::F;
  using U = typename L::U;
  if (plan.mean24) return F(plan.mean24[segment * plan.policy.arms + k]);
  const Philox<L> random(key);
  const BetaShape<L> shape{GammaShape<L>(F(plan.draw_a)), GammaShape<L>(F(plan.draw_b))};
  const BetaFraction<L> mean =
      draw_beta<L>(sampler, shape, lanes.present, [&](std::uint32_t attempt, U* words) {
        random.shared(philox_selector(RandomPurpose::bandit_arms, attempt, k), lanes.entity_low, segment,
                      U(lanes.entity_high), words);
      });
  return L::div(mean.x, mean.x + mean.y) * F(0x1p24f);
}

/// Thompson sampling over K arms in registers. Every lane has its own clock: the steps it has done, and above
/// them the number of tries that were refused at this step. A refused lane simply does not advance.
template <class L, int K>
class JointBandit {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD JointBandit(const BanditPlan& plan, const PhiloxKey& key, const BetaSampler<L>& sampler,
                     const BanditLanes<L>& lanes)
      : plan_(plan),
        key_(key),
        sampler_(sampler),
        lanes_(lanes),
        posteriors_(plan.policy.prior_success, plan.policy.prior_failure),
        clock_(0u) {}

  NPO_HD void enter(std::uint32_t segment) {
    NPO_UNROLL
    for (int k = 0; k < K; ++k)
      mean24_[k] = segment_mean<L>(plan_, key_, sampler_, lanes_, segment, static_cast<std::uint32_t>(k));
  }
  NPO_HD void run_to(std::uint32_t stop) {
    for (M going = before(stop); L::any(going); going = before(stop)) try_step(going);
  }
  NPO_HD U plays(std::uint32_t k) const {
    U plays(0u);
    NPO_UNROLL
    for (std::uint32_t i = 0; i < K; ++i)
      if (i == k)
        plays = posteriors_.successes(static_cast<int>(i)) + posteriors_.failures(static_cast<int>(i));
    return plays;
  }
  NPO_HD F mean24(std::uint32_t k) const {
    F mean(0.0f);
    NPO_UNROLL
    for (std::uint32_t i = 0; i < K; ++i)
      if (i == k) mean = mean24_[i];
    return mean;
  }
  NPO_HD U successes() const {
    U all(0u);
    NPO_UNROLL
    for (int k = 0; k < K; ++k) all = all + posteriors_.successes(k);
    return all;
  }

 private:
  static constexpr int clock_bits = 22;  ///< of the step; 4,000,000 steps fit
  static constexpr std::uint32_t step_mask = (1u << clock_bits) - 1u;
  static constexpr int uniforms = K + 2;  ///< radii, acceptance, reward
  static constexpr int word_count = joint_word_count<K, uniforms>, blocks = (word_count + 3) / 4;

  NPO_HD M before(std::uint32_t stop) const {
    return (!L::signed_le(U(stop), clock_ & U(step_mask))) & lanes_.present;
  }

  NPO_HD void try_step(M going) {
    const Philox<L> random(key_);
    U words[4 * blocks];
    random.template lane_step<blocks>(philox_selector(RandomPurpose::bandit_draw, 0, 0), lanes_.entity_low,
                                      clock_, lanes_.entity_high, words);
    const U acceptance = words[2], reward = words[3];
    NPO_UNROLL
    for (int k = 2; k < K; ++k) words[k] = words[k + 2];  // the radii side by side
    words[K] = acceptance;
    words[K + 1] = reward;
    typename JointThompson<L, K>::Choice choice;
    const M accepted =
        posteriors_.propose(sampler_, joint_words<L, K, uniforms>(words), going, choice) & going;
    F mean = mean24_[0];
    NPO_UNROLL
    for (int k = 1; k < K; ++k)
      mean = L::select(choice.arm == U(static_cast<std::uint32_t>(k)), mean24_[k], mean);
    posteriors_.learn(choice, L::to_float(reward >> 8) < mean, accepted);
    const U again = L::add_if(going, clock_, U(1u << clock_bits));  // waiting lanes keep their words
    clock_ = L::select(accepted, (clock_ & U(step_mask)) + U(1u), again);
  }

  const BanditPlan& plan_;
  const PhiloxKey& key_;
  const BetaSampler<L>& sampler_;
  const BanditLanes<L>& lanes_;
  JointThompson<L, K> posteriors_;
  F mean24_[K];
  U clock_;
};

/// Any policy over any number of arms, with its numbers in memory; all lanes do the same step.
template <class L>
class PolicyBandit {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  /// `rows` are zero.
  NPO_HD PolicyBandit(const BanditPlan& plan, const PhiloxKey& key, const BetaSampler<L>& sampler,
                      const BanditLanes<L>& lanes, const BanditRows& rows)
      : plan_(plan),
        key_(key),
        sampler_(sampler),
        lanes_(lanes),
        policy_(plan.policy, sampler, rows.counts),
        rows_(rows),
        successes_(0u),
        step_(0) {}

  NPO_HD void enter(std::uint32_t segment) {
    for (std::uint32_t k = 0; k < plan_.policy.arms; ++k)
      L::store(mean_row(k), segment_mean<L>(plan_, key_, sampler_, lanes_, segment, k));
  }
  NPO_HD void run_to(std::uint32_t stop) {
    for (; step_ < stop; ++step_) play();
  }
  NPO_HD U plays(std::uint32_t k) const { return L::load(play_row(k)); }
  NPO_HD F mean24(std::uint32_t k) const { return L::load(mean_row(k)); }
  NPO_HD U successes() const { return successes_; }

 private:
  NPO_HD void play() {
    const Philox<L> random(key_);
    const auto words_of = [&](std::uint32_t attempt, std::uint32_t block, U* words) {
      random.shared(philox_selector(RandomPurpose::bandit_draw, attempt, block), lanes_.entity_low, step_,
                    U(lanes_.entity_high), words);
    };
    const U arm = policy_.choose(words_of, lanes_.present);
    U words[4];
    words_of(0u, 0u, words);
    F mean(0.0f);
    for (std::uint32_t k = 0; k < plan_.policy.arms; ++k) {
      const M here = arm == U(k);
      mean = L::select(here, L::load(mean_row(k)), mean);
      L::store(play_row(k), L::add_if(here, L::load(play_row(k)), U(1u)));
    }
    const M won = L::to_float(words[3] >> 8) < mean;
    successes_ = L::add_if(won, successes_, U(1u));
    policy_.learn(arm, won, lanes_.present);
  }
  NPO_HD std::uint32_t* play_row(std::uint32_t k) const { return rows_.plays + k * rows_.counts.stride; }
  NPO_HD float* mean_row(std::uint32_t k) const { return rows_.mean24 + k * rows_.counts.stride; }

  const BanditPlan& plan_;
  const PhiloxKey& key_;
  const BetaSampler<L>& sampler_;
  const BanditLanes<L>& lanes_;
  ArmPolicy<L> policy_;
  BanditRows rows_;
  U successes_;
  std::uint32_t step_;
};

/// Runs a bandit from stop to stop; `record(stop, row, word)` takes what it records there.
template <class L, class Bandit, class Record>
NPO_HD void run_bandit(const BanditPlan& plan, Bandit& bandit, const Record& record) {
  const std::uint32_t arms = plan.policy.arms;
  for (std::uint32_t stop = 0; stop < plan.stops; ++stop) {
    if (stop == 0 || plan.segment[stop] != plan.segment[stop - 1]) bandit.enter(plan.segment[stop]);
    bandit.run_to(plan.stop[stop]);
    for (std::uint32_t k = 0; k < arms; ++k) record(stop, k, bandit.plays(k));
    record(stop, arms, bandit.successes());
    if (plan.mean24) continue;
    for (std::uint32_t k = 0; k < arms; ++k) record(stop, arms + 1 + k, L::as_u(bandit.mean24(k)));
  }
}

}  // namespace npo

#pragma once
#include "kernels/beta_sampler.hpp"
#include "kernels/joint_words.hpp"

/// Thompson sampling over few arms, unrolled into registers: one uniform accepts the gammas of all arms
/// together, so that a try of K arms needs 2K normals and one acceptance, and a lane that is refused
/// simply tries again (spec section 4). Exact: the gammas are independent proposals, and each is accepted
/// with its own probability h_i; a uniform below the product of the h_i accepts all of them with the same
/// joint law.
namespace npo {

template <class L, int K>
class JointThompson {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  /// An arm with the parameters of its posterior.
  struct Choice {
    U arm;
    F success, failure;  ///< shapes - 1/3
  };

  /// All counts 0.
  NPO_HD JointThompson(float prior_success, float prior_failure)
      : prior_success_(prior_success), prior_failure_(prior_failure) {
    NPO_UNROLL
    for (int k = 0; k < K; ++k) {
      set(2 * k, GammaShape<L>(F(prior_success)));
      set(2 * k + 1, GammaShape<L>(F(prior_failure)));
    }
  }

  /// One try. Where the result is true, `choice` is the arm with the largest theta. Lanes outside `wanted`
  /// may be refused without having been tested.
  NPO_HD M propose(const BetaSampler<L>& sampler, const JointWords<L, K>& words, M wanted,
                   Choice& choice) const {
    F gamma[2 * K];
    const M accepted = propose_gammas(sampler, words, wanted, gamma);
    F best_x = gamma[0], best_y = gamma[1];
    choice = {U(0u), d_[0], d_[1]};
    NPO_UNROLL
    for (int k = 1; k < K; ++k) {
      const M better = best_x * gamma[2 * k + 1] < gamma[2 * k] * best_y;  // x / y > best
      best_x = L::select(better, gamma[2 * k], best_x);
      best_y = L::select(better, gamma[2 * k + 1], best_y);
      choice.success = L::select(better, d_[2 * k], choice.success);
      choice.failure = L::select(better, d_[2 * k + 1], choice.failure);
      choice.arm = L::select(better, U(static_cast<std::uint32_t>(k)), choice.arm);
    }
    return accepted;
  }

  /// The gammas of that try: x of arm k at 2k, y at 2k + 1.
  NPO_HD M propose_gammas(const BetaSampler<L>& sampler, const JointWords<L, K>& words, M wanted,
                          F* gamma) const {
    F normal[2 * K], radius[K];
    NPO_UNROLL  // all radii first: their long chains of operations then overlap
        for (int k = 0; k < K; ++k) radius[k] = sampler.radius_of(words.radius[k]);
    NPO_UNROLL
    for (int k = 0; k < K; ++k) sampler.turn16(radius[k], words.angle[k], normal[2 * k], normal[2 * k + 1]);
    F cost(0.0f), farthest(0.0f);
    NPO_UNROLL
    for (int i = 0; i < 2 * K; ++i) {
      const F t = slope_[i] * normal[i];
      cost = BetaSampler<L>::add_estimated_cost(cost, normal[i], t);
      farthest = L::max_abs(farthest, t);
      gamma[i] = BetaSampler<L>::cubed(t, d_[i]);
    }
    const F budget = sampler.minus_two_log(uniform_dense<L>(words.acceptance));
    const M near = farthest <= F(0.8f);  // there the estimate is within 1.23 %
    const M yes = (cost * F(1.013f) < budget) & near, no = (budget < cost * F(0.987f)) & near;
    const M decided = yes | no, open = (!decided) & wanted;
    if (__builtin_expect(L::any(open), 0)) return yes | (open & accepts(sampler, normal, budget, open));
    return yes;
  }

  /// The posterior of a given arm, for feedback that arrives later.
  NPO_HD Choice choice_of(U arm) const {
    Choice choice{arm, d_[0], d_[1]};
    NPO_UNROLL
    for (int k = 1; k < K; ++k) {
      const M here = arm == U(static_cast<std::uint32_t>(k));
      choice.success = L::select(here, d_[2 * k], choice.success);
      choice.failure = L::select(here, d_[2 * k + 1], choice.failure);
    }
    return choice;
  }

  /// Counts one success or failure of `choice`, whose posterior is as it is now, in the lanes of `where`.
  NPO_HD void learn(const Choice& choice, M success, M where) {
    const F d = L::select(success, choice.success, choice.failure) + F(1.0f), slope = slope_of(d);
    const U cell = L::select(where, L::add_if(!success, choice.arm + choice.arm, U(1u)), U(2u * K));
    NPO_UNROLL
    for (int i = 0; i < 2 * K; ++i) {
      const M hit = cell == U(static_cast<std::uint32_t>(i));
      d_[i] = L::add_if(hit, d_[i], F(1.0f));
      slope_[i] = L::select(hit, slope, slope_[i]);
    }
  }

  NPO_HD U successes(int k) const { return count(d_[2 * k], prior_success_); }
  NPO_HD U failures(int k) const { return count(d_[2 * k + 1], prior_failure_); }

 private:
  static constexpr float third = 0x1.555556p-2f;

  NPO_HD void set(int i, const GammaShape<L>& shape) {
    d_[i] = shape.d;
    slope_[i] = shape.slope;
  }
  static NPO_HD F slope_of(F d) { return L::div(F(third), L::sqrt(d)); }
  /// Counts below 2^22 are recovered exactly: d is off by less than one unit in its last place.
  static NPO_HD U count(F d, float prior) { return L::to_int(d - F(prior - third) + F(0.5f)); }

  /// The exact test, for the open lanes.
  NPO_HD M accepts(const BetaSampler<L>& sampler, const F* normal, F budget, M open) const {
    F cost(0.0f), lowest(1.0f);
    NPO_UNROLL
    for (int i = 0; i < 2 * K; ++i) {
      const F t = slope_[i] * normal[i];
      F term = BetaSampler<L>::near_cost(normal[i], t);
      const M far = F(0.5f) < L::abs(t);
      if (L::any(far & open)) {
        term = L::select(far, sampler.far_cost(t, d_[i]), term);
        lowest = L::min(t + F(1.0f), lowest);
      }
      cost = cost + term;
    }
    return (cost < budget) & (F(0x1p-20f) < lowest);  // every cube must be positive
  }

  float prior_success_, prior_failure_;
  F d_[2 * K], slope_[2 * K];  ///< shape - 1/3 and 1 / (3 sqrt d): successes at 2k, failures at 2k + 1
};

}  // namespace npo

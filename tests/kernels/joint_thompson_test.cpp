#include "kernels/joint_thompson.hpp"

#include <gtest/gtest.h>

#include <array>

#include "kernels/philox.hpp"
#include "kernels/thompson.hpp"
#include "tests/kernels/beta_fit.hpp"

/// The joint acceptance of many gammas by one uniform: each Beta has its law, the Betas of a step are
/// independent, and the winner has the probabilities of the quadrature.
namespace npo {
namespace {

using L = lane::Scalar;
constexpr int arms = 5;
constexpr std::size_t many = 200000;

/// Successes and failures of each arm, from none to a million, of very different size.
struct Counts {
  std::array<std::uint32_t, arms> success, failure;
};
constexpr Counts few{{0, 1, 4, 0, 3}, {0, 2, 1, 9, 3}};
constexpr Counts uneven{{0, 999999, 49, 19999, 2}, {49, 0, 0, 999999, 999}};

enum class Sabotage { none, reused_word, biased_uniform, angle_of_radius, one_angle };

/// The words as the sampler gets them, after something went wrong.
JointWords<L, arms> spoilt(JointWords<L, arms> words, Sabotage sabotage) {
  if (sabotage == Sabotage::reused_word) words.acceptance = words.radius[0];
  if (sabotage == Sabotage::biased_uniform) words.acceptance |= 0x80000000u;
  if (sabotage == Sabotage::angle_of_radius) words.angle[2] = words.radius[2];
  if (sabotage == Sabotage::one_angle) words.angle[3] = words.angle[2];
  return words;
}

struct Draws {
  std::array<test::Gammas, arms> gammas;
  std::array<std::size_t, arms> wins{};
};

JointThompson<L, arms> posteriors_of(const Counts& counts) {
  JointThompson<L, arms> posteriors(1.0f, 1.0f);
  for (std::uint32_t k = 0; k < arms; ++k) {
    for (std::uint32_t i = 0; i < counts.success[k]; ++i)
      posteriors.learn(posteriors.choice_of(k), true, true);
    for (std::uint32_t i = 0; i < counts.failure[k]; ++i)
      posteriors.learn(posteriors.choice_of(k), false, true);
  }
  return posteriors;
}

/// With `uniforms` words besides those of whole angles: 7 in a bandit, 6 in a closed loop.
template <int uniforms>
Draws draw_with(const Counts& counts, Sabotage sabotage, std::uint32_t step) {
  constexpr std::uint32_t blocks = (joint_word_count<arms, uniforms> + 3) / 4;
  const auto posteriors = posteriors_of(counts);
  const BetaSampler<L> sampler(beta_tables);
  const PhiloxKey key(20261121);
  const Philox<L> random(key);
  Draws draws;
  for (std::uint32_t entity = 0; draws.gammas[0].x.size() < many; ++entity) {
    std::uint32_t words[4 * blocks];
    for (std::uint32_t b = 0; b < blocks; ++b)
      random.shared(philox_selector(RandomPurpose::test, 0, b), entity, step, 0u, words + 4 * b);
    const auto shared = spoilt(joint_words<L, arms, uniforms>(words), sabotage);
    float gamma[2 * arms];
    if (!posteriors.propose_gammas(sampler, shared, true, gamma)) continue;
    for (std::size_t k = 0; k < arms; ++k) {
      draws.gammas[k].x.push_back(gamma[2 * k]);
      draws.gammas[k].y.push_back(gamma[2 * k + 1]);
    }
    JointThompson<L, arms>::Choice choice;
    posteriors.propose(sampler, shared, true, choice);
    ++draws.wins[choice.arm];
  }
  return draws;
}

Draws draw(const Counts& counts, Sabotage sabotage = Sabotage::none, std::uint32_t step = 1) {
  return draw_with<arms + 2>(counts, sabotage, step);
}

test::Fit fit_of(const Draws& draws, const Counts& counts, std::size_t k, double extra = 0.0) {
  return test::fit(draws.gammas[k], 1.0 + counts.success[k] + extra, 1.0 + counts.failure[k]);
}

TEST(JointThompson, EveryBetaFollowsItsLaw) {
  for (const Counts& counts : {few, uneven}) {
    for (const Draws& draws : {draw(counts), draw_with<arms + 1>(counts, Sabotage::none, 1)}) {
      for (std::size_t k = 0; k < arms; ++k) {
        const test::Fit fit = fit_of(draws, counts, k);
        EXPECT_LT(fit.kolmogorov_smirnov, test::kolmogorov_smirnov_bound) << "arm " << k;
        EXPECT_LT(fit.anderson_darling, test::anderson_darling_bound) << "arm " << k;
      }
    }
  }
}

TEST(JointThompson, AShapeOffByOneIsCaught) {
  const Draws draws = draw(few);
  for (std::size_t k = 0; k < arms; ++k) EXPECT_FALSE(fit_of(draws, few, k, 1.0).accepted()) << "arm " << k;
}

bool any_misfit(const Draws& draws, const Counts& counts) {
  for (std::size_t k = 0; k < arms; ++k)
    if (!fit_of(draws, counts, k).accepted()) return true;
  return false;
}

TEST(JointThompson, AWordUsedTwiceOrABiasedOneIsCaught) {
  EXPECT_TRUE(any_misfit(draw(few, Sabotage::reused_word), few));
  EXPECT_TRUE(any_misfit(draw(few, Sabotage::biased_uniform), few));
  EXPECT_TRUE(any_misfit(draw(few, Sabotage::angle_of_radius), few));
}

std::vector<double> thetas_of(const test::Gammas& gammas) {
  std::vector<double> thetas;
  for (std::size_t i = 0; i < gammas.x.size(); ++i)
    thetas.push_back(double{gammas.x[i]} / (double{gammas.x[i]} + double{gammas.y[i]}));
  return thetas;
}

TEST(JointThompson, TheBetasOfAStepAreUncorrelated) {
  const Draws draws = draw(few), next = draw(few, Sabotage::none, 2);
  for (std::size_t k = 0; k < arms; ++k) {
    const auto thetas = thetas_of(draws.gammas[k]);
    for (std::size_t j = 0; j < k; ++j)
      EXPECT_LT(std::fabs(test::correlation_score(thetas, thetas_of(draws.gammas[j]))),
                test::correlation_bound);
    EXPECT_LT(std::fabs(test::correlation_score(thetas, thetas_of(next.gammas[k]))), test::correlation_bound);
  }
  const auto thetas = thetas_of(draws.gammas[1]);
  const auto again = thetas_of(draw(few).gammas[1]);  // the same counter
  EXPECT_GT(test::correlation_score(thetas, again), test::correlation_bound);
  const Draws turned = draw(few, Sabotage::one_angle);
  EXPECT_GT(test::correlation_score(thetas_of(turned.gammas[2]), thetas_of(turned.gammas[3])),
            test::correlation_bound);
}

std::vector<double> win_probabilities(const Counts& counts) {
  std::vector<double> a(arms), b(arms), probability(arms);
  for (std::size_t k = 0; k < arms; ++k) {
    a[k] = 1.0 + counts.success[k];
    b[k] = 1.0 + counts.failure[k];
  }
  arm_probabilities(a, b, probability);
  return probability;
}

TEST(JointThompson, WinnersHaveTheProbabilitiesOfTheQuadrature) {
  for (const Counts& counts : {few, Counts{{20, 22, 24, 20, 18}, {9, 10, 10, 9, 8}}}) {
    auto wins = draw(counts).wins;
    const auto probability = win_probabilities(counts);
    const auto honest = test::chi_square(wins, probability);
    EXPECT_LT(honest.statistic, honest.bound);
    for (std::size_t k = 1; k < arms; ++k) {  // one draw in a hundred goes to the first arm instead
      wins[0] += wins[k] / 100;
      wins[k] -= wins[k] / 100;
    }
    const auto biased = test::chi_square(wins, probability);
    EXPECT_GT(biased.statistic, biased.bound);
  }
}

TEST(JointThompson, CountsComeBackExactly) {
  const auto posteriors = posteriors_of(uneven);
  for (std::uint32_t k = 0; k < arms; ++k) {
    EXPECT_EQ(posteriors.successes(static_cast<int>(k)), uneven.success[k]);
    EXPECT_EQ(posteriors.failures(static_cast<int>(k)), uneven.failure[k]);
  }
}

}  // namespace
}  // namespace npo

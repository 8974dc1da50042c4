#include "host/choose_arms.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "io/digest.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/random_purpose.hpp"
#include "kernels/thompson.hpp"
#include "kernels/uniform.hpp"

namespace npo {
namespace {

/// Successes and failures of one fleet as real counts.
struct ArmCounts {
  std::vector<double> success, failure;
};

ArmCounts counts_of(const StateManifest& state, std::optional<std::size_t> row, std::size_t arms) {
  ArmCounts counts{std::vector<double>(arms, 0.0), std::vector<double>(arms, 0.0)};
  if (!row) return counts;
  const double unit = std::ldexp(1.0, -state.fraction_bits);
  for (std::size_t k = 0; k < arms; ++k) {
    counts.success[k] = static_cast<double>(state.successes[*row * arms + k]) * unit;
    counts.failure[k] = static_cast<double>(state.failures[*row * arms + k]) * unit;
  }
  return counts;
}

std::vector<double> certain(std::size_t arms, std::size_t arm) {
  std::vector<double> probability(arms, 0.0);
  probability[arm] = 1.0;
  return probability;
}

std::size_t arm_of_threshold(const Policy& policy) {
  const auto& arms = policy.threshold.arms;
  const auto at = std::find(arms.begin(), arms.end(), static_cast<float>(policy.threshold.fixed));
  return static_cast<std::size_t>(at - arms.begin());
}

double posterior_mean(const Policy& policy, const ArmCounts& counts, std::size_t k) {
  const double a = policy.threshold.prior_a + counts.success[k],
               b = policy.threshold.prior_b + counts.failure[k];
  return a / (a + b);
}

/// The arm of the greatest posterior mean, ties to the lowest index.
std::size_t greedy_arm(const Policy& policy, const ArmCounts& counts) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < counts.success.size(); ++k)
    if (posterior_mean(policy, counts, k) > posterior_mean(policy, counts, best)) best = k;
  return best;
}

/// UCB1 (Auer, Cesa-Bianchi and Fischer 2002): mean + sqrt(2 ln t / n); an arm without answers goes first.
std::size_t ucb1_arm(const ArmCounts& counts) {
  const std::size_t arms = counts.success.size();
  double total = 0.0;
  for (std::size_t k = 0; k < arms; ++k) {
    const double n = counts.success[k] + counts.failure[k];
    if (n <= 0.0) return k;
    total += n;
  }
  std::size_t best = 0;
  double best_index = -1.0;
  for (std::size_t k = 0; k < arms; ++k) {
    const double n = counts.success[k] + counts.failure[k];
    const double index = counts.success[k] / n + std::sqrt(2.0 * elementary64::log(total) / n);
    if (index > best_index) best = k, best_index = index;
  }
  return best;
}

std::vector<double> epsilon_greedy_probability(const Policy& policy, std::size_t greedy) {
  const std::size_t arms = policy.threshold.arms.size();
  std::vector<double> probability(arms, policy.threshold.epsilon / static_cast<double>(arms));
  probability[greedy] += 1.0 - policy.threshold.epsilon;
  return probability;
}

/// Brings shapes of more answers than a draw can tell apart back to the largest that it takes.
void bound_shapes(double& a, double& b) {
  constexpr double largest_shape = 1e9;
  const double larger = std::max(a, b);
  if (larger <= largest_shape) return;
  a = std::max(1.0, a * (largest_shape / larger));
  b = std::max(1.0, b * (largest_shape / larger));
}

bool leaves_to_chance(const ThresholdSettings& settings) {
  return draws_from_posterior(settings.kind) ||
         (settings.kind == ThresholdKind::epsilon_greedy && settings.epsilon > 0.0);
}

/// Entry j: the probability that the arm is among the j lowest thresholds.
void append_surface_probability(const std::vector<double>& probability, bool chance,
                                std::vector<float>& table) {
  const float least = chance ? 0x1p-24f : 0.0f;
  double sum = 0.0;
  table.push_back(0.0f);
  for (std::size_t k = 0; k + 1 < probability.size(); ++k) {
    sum += probability[k];
    table.push_back(std::clamp(static_cast<float>(sum), least, 1.0f - least));
  }
  table.push_back(1.0f);
}

}  // namespace

bool draws_from_posterior(ThresholdKind kind) {
  return kind == ThresholdKind::thompson || kind == ThresholdKind::discounted_thompson ||
         kind == ThresholdKind::sliding_thompson;
}

bool draws_per_scenario(const ThresholdSettings& settings) {
  return settings.per == DrawPer::scenario &&
         (draws_from_posterior(settings.kind) || settings.kind == ThresholdKind::epsilon_greedy);
}

std::uint8_t epsilon_greedy_arm(const ThresholdSettings& settings, std::uint8_t greedy,
                                const PhiloxWords& words) {
  if (static_cast<double>(uniform_open<lane::Scalar>(words.word[0])) >= settings.epsilon) return greedy;
  return static_cast<std::uint8_t>(
      uniform_below(words.word[1], static_cast<std::uint32_t>(settings.arms.size())));
}

FleetArms choose_arms(const Policy& policy, const StateManifest& state,
                      const std::vector<std::string>& fleets, std::uint64_t seed, SimdLevel level) {
  const std::size_t arms = policy.threshold.arms.size();
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < state.fleets.size(); ++i) known.emplace(state.fleets[i], i);

  FleetArms chosen;
  chosen.arm.resize(fleets.size());
  for (std::size_t f = 0; f < fleets.size(); ++f) {
    const auto at = known.find(fleets[f]);
    const ArmCounts counts =
        counts_of(state, at == known.end() ? std::nullopt : std::optional(at->second), arms);
    chosen.entity.push_back(hash_name(fleets[f]));
    std::vector<double> a(arms), b(arms), probability(arms);
    for (std::size_t k = 0; k < arms; ++k) {
      a[k] = policy.threshold.prior_a + counts.success[k];
      b[k] = policy.threshold.prior_b + counts.failure[k];
      bound_shapes(a[k], b[k]);
      chosen.shape_a.push_back(static_cast<float>(a[k]));
      chosen.shape_b.push_back(static_cast<float>(b[k]));
    }
    switch (policy.threshold.kind) {
      case ThresholdKind::thompson:
      case ThresholdKind::discounted_thompson:
      case ThresholdKind::sliding_thompson:
        arm_probabilities(a, b, probability);
        break;
      case ThresholdKind::epsilon_greedy: {
        const auto greedy = static_cast<std::uint8_t>(greedy_arm(policy, counts));
        probability = epsilon_greedy_probability(policy, greedy);
        chosen.greedy.push_back(greedy);
        chosen.arm[f] = epsilon_greedy_arm(
            policy.threshold, greedy,
            philox(philox_counter(RandomPurpose::nightly_arm, chosen.entity[f], state.round, 0), seed));
        break;
      }
      case ThresholdKind::ucb1:
        chosen.arm[f] = static_cast<std::uint8_t>(ucb1_arm(counts));
        probability = certain(arms, chosen.arm[f]);
        break;
      case ThresholdKind::fixed:
        chosen.arm[f] = static_cast<std::uint8_t>(arm_of_threshold(policy));
        probability = certain(arms, chosen.arm[f]);
        break;
    }
    append_surface_probability(probability, leaves_to_chance(policy.threshold), chosen.surface_probability);
    chosen.probability.insert(chosen.probability.end(), probability.begin(), probability.end());
  }
  if (draws_from_posterior(policy.threshold.kind))
    draw_arms(chosen.shape_a, chosen.shape_b, static_cast<int>(arms), seed, chosen.entity, state.round,
              chosen.arm, level);
  return chosen;
}

}  // namespace npo

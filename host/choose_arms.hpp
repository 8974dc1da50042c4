#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/policy.hpp"
#include "io/state_store.hpp"
#include "kernels/philox.hpp"
#include "kernels/simd_level.hpp"

namespace npo {

/// What the fleets of one scenario file do in one round (spec section 4), indexed by the file's fleet codes.
struct FleetArms {
  std::vector<std::uint8_t> arm;           ///< [fleets] the arm of the round
  std::vector<double> probability;         ///< [fleets][arms] probability of each arm before the draw
  std::vector<float> surface_probability;  ///< [fleets][arms + 1] see ThresholdPlan
  std::vector<float> shape_a, shape_b;     ///< [fleets][arms] Beta posteriors, prior included
  std::vector<std::uint64_t> entity;       ///< [fleets] hash of the name
  std::vector<std::uint8_t> greedy;        ///< [fleets] the best arm so far; epsilon_greedy alone
};

/// Chooses the arms of `fleets` from the posteriors in `state`; fleets the state does not know have the prior
/// alone. Counts beyond 10^9 are scaled down with their mean kept. The entries of `surface_probability` that
/// chance decides lie in [2^-24, 1 - 2^-24]: a float nearer to 0 or 1 would call certain what was drawn. A
/// pure function of posteriors, policy, seed and `state.round`.
FleetArms choose_arms(const Policy& policy, const StateManifest& state,
                      const std::vector<std::string>& fleets, std::uint64_t seed, SimdLevel level);

/// Whether policies of this kind draw their arms from the Beta posteriors.
bool draws_from_posterior(ThresholdKind kind);

/// Whether every row draws an arm of its own. Fixed thresholds and UCB1 leave nothing to draw.
bool draws_per_scenario(const ThresholdSettings& settings);

/// The arm of one draw of epsilon-greedy: with probability epsilon any arm, else the greedy one. One word
/// decides whether, another which.
std::uint8_t epsilon_greedy_arm(const ThresholdSettings& settings, std::uint8_t greedy,
                                const PhiloxWords& words);

}  // namespace npo

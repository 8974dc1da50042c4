#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/simd_level.hpp"

/// A synthetic fleet with known truth (docs/formats/truth.md). Every value is a pure function of the plan's
/// seed, the scenario's number and the night, so that any part of any night can be made alone, with the same
/// bits.
namespace npo {

/// How often an event may happen to a scenario in a night (spec section 8: the latent approval p_s).
enum class SyntheticTruth : std::uint8_t {
  logistic,      ///< p_s = sigmoid of features, fleet and a hidden effect
  deterministic  ///< 1 with that probability, else 0
};

/// Feature i of scenario s in night k is z_si + level[g] loading[i] + walk_step (ups - downs), where z_si is
/// standard normal, g the fleet, and ups and downs count k fair coin tosses. The log-odds of p_s are shift[g]
/// + sum_i weight[i] z_si + hidden h_s with h_s standard normal: the hidden effect and the walk are not in
/// them or not in the features, so no model can be perfect.
struct SyntheticPlan {
  std::uint64_t seed = 0;
  std::span<const float> weight;   ///< [features]
  std::span<const float> loading;  ///< [features]
  std::span<const float> level;    ///< [fleets]
  std::span<const float>
      shift;  ///< [fleets] intercept of the fleet; what its level does to its log-odds included
  float walk_step = 0.0f;
  float hidden = 0.0f;  ///< standard deviation of the hidden effect
  float signal = 0.0f;  ///< standard deviation of sum_i weight[i] z_si, for redrawn scenarios
  float drift =
      0.0f;  ///< probability that p_s is redrawn, features ignored, before each night after the first
  SyntheticTruth truth = SyntheticTruth::logistic;
};

/// Columns to be filled, of equal length; an empty one is not wanted. Row i is scenario first + i.
struct SyntheticRows {
  std::span<std::uint32_t> fleet;
  std::span<float> features;      ///< [rows][features], row-major
  std::span<float> approval;      ///< p_s in that night
  std::span<std::uint8_t> label;  ///< 1 with probability p_s, drawn anew each night
};

/// Makes `rows` scenarios of a night (0 is the first) on one thread. Same bits for every level and every cut.
/// Scenario numbers lie below 2^32.
void make_synthetic_rows(const SyntheticPlan& plan, std::uint32_t first, std::size_t rows,
                         std::uint32_t night, const SyntheticRows& out, SimdLevel level);

}  // namespace npo

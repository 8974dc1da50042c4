#pragma once
#include <cstdint>
#include <span>

#include "kernels/simd_level.hpp"

/// Thompson sampling over Beta posteriors: draws and exact probabilities (spec section 4).
namespace npo {

/// Draws one arm for each bandit: theta_k ~ Beta(shape_a[k], shape_b[k]), the arm with the largest theta, ties to the
/// lowest index. `shape_a` and `shape_b` are [bandits][arms], all >= 1 (prior included). Random words: Philox of
/// (seed, purpose nightly_arm, entity[i], step). Arms from 2 to 32. Same bits for every level.
void draw_arms(std::span<const float> shape_a, std::span<const float> shape_b, int arms, std::uint64_t seed,
               std::span<const std::uint64_t> entity, std::uint32_t step, std::span<std::uint8_t> arm, SimdLevel level);

/// probability[k] = P(theta_k is the largest), theta_k ~ Beta(shape_a[k], shape_b[k]) independent, shapes >= 1, by
/// quadrature; absolute error <= 1e-7 for shapes up to 1e9 and up to 1000 arms. Pure + - * / sqrt fma: the same bits on
/// every machine. They sum to 1 within 1e-7.
void arm_probabilities(std::span<const double> shape_a, std::span<const double> shape_b, std::span<double> probability);

}  // namespace npo

#pragma once
#include <cstdint>
#include <span>

#include "kernels/simd_level.hpp"

/// Thompson sampling over Beta posteriors: draws and exact probabilities (spec section 4).
namespace npo {

/// Draws one arm for each bandit: theta_k ~ Beta(shape_a[k], shape_b[k]), the arm with the largest theta,
/// ties to the lowest index. `shape_a` and `shape_b` are [bandits][arms], from 1 to 1e9 (prior included).
/// Random words: Philox of (seed, purpose nightly_arm, entity[i], step). Arms from 2 to 32. Same bits for
/// every level.
void draw_arms(std::span<const float> shape_a, std::span<const float> shape_b, int arms, std::uint64_t seed,
               std::span<const std::uint64_t> entity, std::uint32_t step, std::span<std::uint8_t> arm,
               SimdLevel level);

/// The same on CUDA device `device`; throws Error(device) where CUDA is not built in or fails.
void draw_arms_cuda(std::span<const float> shape_a, std::span<const float> shape_b, int arms,
                    std::uint64_t seed, std::span<const std::uint64_t> entity, std::uint32_t step,
                    std::span<std::uint8_t> arm, int device);

/// Draws for single scenarios (per = "scenario"): posteriors by fleet, a draw for each row.
struct RowArmDraws {
  std::span<const float> shape_a, shape_b;  ///< [fleets][arms], from 1 to 1e9 (prior included)
  int arms = 0;                             ///< 2 to 32
  std::uint64_t seed = 0;
  std::uint32_t step = 0;                 ///< round of the state
  std::span<const std::uint64_t> entity;  ///< [rows] hash of the scenario id
  std::span<const std::uint32_t> fleet;   ///< [rows] code of the row's fleet
};

/// arm[i] is drawn from the posteriors of fleet[i] with the words of (seed, purpose scenario_arm, entity[i],
/// step), in the same way as by `draw_arms`. Same bits for every level and every cut into batches.
void draw_row_arms(const RowArmDraws& draws, std::span<std::uint8_t> arm, SimdLevel level);

/// The same on CUDA device `device`; throws Error(device) where CUDA is not built in or fails.
void draw_row_arms_cuda(const RowArmDraws& draws, std::span<std::uint8_t> arm, int device);

/// probability[k] = P(theta_k is the largest), theta_k ~ Beta(shape_a[k], shape_b[k]) independent, shapes >=
/// 1, by quadrature; absolute error <= 1e-7 for shapes up to 1e9 and up to 1000 arms. Pure + - * / sqrt fma:
/// the same bits on every machine. They sum to 1 within 1e-7.
void arm_probabilities(std::span<const double> shape_a, std::span<const double> shape_b,
                       std::span<double> probability);

}  // namespace npo

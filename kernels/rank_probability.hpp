#pragma once
#include <span>

/// Where Thompson sampling ranks its arms: computed, not simulated.
namespace npo {

/// Most positions of a ranking that are told apart.
inline constexpr int max_positions = 32;

/// probability[k * positions + j] = P(theta_k is the (j + 1)-th largest), theta_k ~ Beta(shape_a[k],
/// shape_b[k]) independent, shapes from 1 to 1e9; `positions` from 1 to max_positions and at most the number
/// of arms, of which there may be 1000; absolute error <= 1e-7. With positions = 1 these are the
/// arm_probabilities. For fixed theta_k = x the number of arms above it is a sum of independent indicators:
/// its law follows arm by arm (the Poisson-binomial recursion), and quadrature goes over x. Pure
/// + - * / sqrt fma: the same bits on every machine.
void rank_probabilities(std::span<const double> shape_a, std::span<const double> shape_b, int positions,
                        std::span<double> probability);

}  // namespace npo

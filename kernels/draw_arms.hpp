#pragma once
#include "kernels/draw_arms_lane.hpp"
#include "kernels/thompson.hpp"

/// What the CPU and the CUDA driver of arm draws share: validation, and one form for both kinds of draws.
namespace npo {

/// One arm for each bandit, as rows. Error(internal) when shapes, entities and results do not fit together or
/// a shape is outside [1, 1e9].
ArmDrawRows nightly_rows(std::span<const float> shape_a, std::span<const float> shape_b, int arms,
                         std::uint64_t seed, std::span<const std::uint64_t> entity, std::uint32_t step,
                         std::span<std::uint8_t> arm);

/// One arm for each row, from the posteriors of its fleet. Errors as above, and for an unknown fleet code.
ArmDrawRows scenario_rows(const RowArmDraws& draws, std::span<std::uint8_t> arm);

}  // namespace npo

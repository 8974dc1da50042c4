#pragma once
#include <cstdint>
#include <span>

#include "kernels/prepared_score.hpp"
#include "kernels/simd_level.hpp"

/// Scoring a batch of scenarios: model, carried correction, guardrails, threshold, propensity (spec sections
/// 2, 4, 5).
namespace npo {

/// One batch, columns of equal length `rows`.
struct RowInputs {
  std::size_t rows = 0;
  std::span<const float> features;       ///< [rows][dim], row-major
  std::span<const std::uint32_t> fleet;  ///< [rows]
  std::span<const float>
      carried;  ///< [rows] c_s (offset) or R (keep), `no_correction` where unknown; empty: none known
  std::span<const std::uint64_t> preset_mask;  ///< [rows] rules already known to be hit; empty: none
  std::span<const std::uint8_t> row_arm;       ///< [rows] arm drawn per scenario; empty: the fleet's arm
};

struct RowOutputs {
  std::span<float> base_score;       ///< m(x)
  std::span<float> score;            ///< R
  std::span<std::uint8_t> decision;  ///< Decision
  std::span<std::uint64_t> mask;     ///< rules hit
  std::span<std::uint8_t> arm;
  std::span<float> p_surfaced;
};

/// Index of the first row with a non-finite feature or score, or `rows` when there is none.
/// Under `block_non_finite` the row is blocked instead and never reported.
struct ScoreResult {
  std::size_t first_bad_row;
};

/// Scores one batch on one CPU thread with the given lane type. Same bits for every level and every cut into
/// batches.
ScoreResult score_batch_cpu(const PreparedScore& score, const RowInputs& in, const RowOutputs& out,
                            SimdLevel level);

/// The same on CUDA device `device`; throws Error(device) where CUDA is not built in or fails.
ScoreResult score_batch_cuda(const PreparedScore& score, const RowInputs& in, const RowOutputs& out,
                             int device);

}  // namespace npo

#pragma once
#include <cstdint>
#include <span>

#include "kernels/simd_level.hpp"
#include "kernels/vocabulary.hpp"

/// Scoring a batch of scenarios: model, carried correction, guardrails, threshold, propensity (spec sections
/// 2, 4, 5).
namespace npo {

enum class Transform : std::uint8_t { none = 0, log1p = 1, sqrt = 2, positive = 3 };

/// A logistic model laid out for scoring: standardisation is already folded into weights and bias.
/// Columns are in the order of the scenario file.
struct LogisticPlan {
  std::span<const float> weights;  ///< [dim]
  float bias = 0.0f;
  std::span<const Transform> transforms;  ///< [dim], or empty when no column is transformed
};

/// What the fleets do tonight. Tables are indexed by the fleet codes of the scenario file.
struct ThresholdPlan {
  std::span<const float> thresholds;        ///< [arms], ascending, in (0,1)
  std::span<const std::uint8_t> fleet_arm;  ///< [fleets] the arm drawn for the night (round mode)
  /// [fleets][arms + 1]: entry j is the probability that the chosen arm is among the j lowest thresholds, so
  /// a row whose score reaches exactly j thresholds is surfaced with that probability.
  std::span<const float> fleet_surface_probability;
};

/// Guardrails. Rules about fleet and time are resolved by the host into `RowInputs::preset_mask`.
struct GuardrailPlan {
  std::span<const IntervalRule> feature_rules;  ///< `column` is a feature index
  std::span<const IntervalRule> score_rules;    ///< `column` is `score_column`
  bool block_non_finite = false;                ///< nan = block: sets bit 63; otherwise the row is reported
};

struct ScorePlan {
  LogisticPlan model;
  ThresholdPlan threshold;
  GuardrailPlan guardrails;
  Carry carry = Carry::offset;
};

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
ScoreResult score_batch_cpu(const ScorePlan& plan, const RowInputs& in, const RowOutputs& out,
                            SimdLevel level);

/// The same on CUDA device `device`; throws Error(device) where CUDA is not built in or fails.
ScoreResult score_batch_cuda(const ScorePlan& plan, const RowInputs& in, const RowOutputs& out, int device);

}  // namespace npo

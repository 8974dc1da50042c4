#pragma once
#include <cstdint>
#include <span>

#include "kernels/vocabulary.hpp"

/// What a night's scoring is told: model, thresholds and guardrails (spec sections 2, 4, 5).
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

}  // namespace npo

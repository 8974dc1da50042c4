#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/lane/row_rules.hpp"
#include "kernels/score_plan.hpp"
#include "kernels/vocabulary.hpp"

/// A scoring plan and a batch as plain pointers, the form in which lanes and CUDA threads take them.
namespace npo {

struct RowInputs;
struct RowOutputs;

/// A guardrail over the score, ready to be tested.
struct ScoreRule {
  float lo, hi;
  std::uint32_t low_bit, high_bit;  ///< the rule's bit in the low and in the high half of the mask
  bool negate;
};

/// What all rows share.
struct ScoreTables {
  int dim;
  float bias;
  const float* weights;         ///< [dim rounded up to 16], zeros past dim
  const Transform* transforms;  ///< [dim], or null when no column is transformed
  const lane::RuleGroup* feature_rules;
  int feature_rule_groups;  ///< at least 1, of no rules if need be
  const ScoreRule* score_rules;
  int score_rule_count;
  const float* thresholds;  ///< [arms]
  int arms;
  const std::uint8_t* fleet_arm;           ///< [fleets]
  const float* fleet_surface_probability;  ///< [fleets][arms + 1]
  std::uint32_t fleets;
  Carry carry;
  bool block_non_finite;  ///< rows that cannot be scored are blocked, not reported
};

/// Columns of one batch; as in RowInputs and RowOutputs, null where an optional column is absent.
struct RowColumns {
  std::size_t rows;
  const float* features;
  const std::uint32_t* fleet;
  const float* carried;
  const std::uint64_t* preset_mask;
  const std::uint8_t* row_arm;
  float* base_score;
  float* score;
  std::uint8_t* decision;
  std::uint64_t* mask;
  std::uint8_t* arm;
  float* p_surfaced;
};

/// The columns as pointers. Throws Error(internal) when they differ in length or do not fit the tables.
RowColumns columns_of(const ScoreTables& tables, const RowInputs& in, const RowOutputs& out);

}  // namespace npo

#pragma once
#include <cstdint>

#include "kernels/score_batch.hpp"
#include "kernels/vocabulary.hpp"

/// A scoring plan and a batch as plain pointers, the form in which lanes and CUDA threads take them.
namespace npo {

/// A guardrail ready to be tested. `source` numbers one of `ScoreTables::columns`; score rules do not read
/// it.
struct RuleTest {
  float lo, hi;
  std::uint32_t low_bit, high_bit;  ///< the rule's bit in the low and in the high half of the mask
  std::uint32_t source;
  bool negate;
};

/// What every row of a batch shares.
struct ScoreTables {
  int dim;
  float bias;
  const float* weights;          ///< [dim rounded up to 16], zeros past dim
  const Transform* transforms;   ///< [dim], or null when no column is transformed
  const std::uint32_t* columns;  ///< [column_count] the distinct feature columns that rules read
  int column_count;
  const RuleTest* feature_rules;
  int feature_rule_count;
  const RuleTest* score_rules;
  int score_rule_count;
  const float* thresholds;  ///< [arms]
  int arms;
  const std::uint8_t* fleet_arm;           ///< [fleets]
  const float* fleet_surface_probability;  ///< [fleets][arms + 1]
  Carry carry;
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

/// Tables together with the storage of what had to be laid out anew. Lives on the stack of one call: setting
/// it up costs tens of nanoseconds for a usual policy, so that small batches are as fast as large ones.
class PreparedScore {
 public:
  /// Throws Error(internal) when the spans of the plan do not fit together.
  explicit PreparedScore(const ScorePlan& plan);
  PreparedScore(const PreparedScore&) = delete;
  const ScoreTables& tables() const { return tables_; }

 private:
  std::uint32_t source_of(std::uint32_t column);
  float weights_[max_features];  ///< where the plan's own are not a multiple of 16
  RuleTest rules_[max_rules];
  std::uint32_t columns_[max_rules];
  ScoreTables tables_;
};

/// The columns as pointers. Throws Error(internal) when they differ in length or do not fit the plan.
RowColumns columns_of(const ScorePlan& plan, const RowInputs& in, const RowOutputs& out);

}  // namespace npo

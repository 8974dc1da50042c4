#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/score_plan.hpp"
#include "kernels/score_tables.hpp"

namespace npo {

/// A plan laid out for the lanes and checked once, so that a batch of a few rows costs no more than its rows.
/// Owns its tables and never changes: any number of threads may score with one.
class PreparedScore {
 public:
  /// Throws Error(internal) when the parts of the plan do not fit together.
  explicit PreparedScore(const ScorePlan& plan);
  PreparedScore(const PreparedScore&) = delete;
  PreparedScore& operator=(const PreparedScore&) = delete;

  const ScoreTables& tables() const { return tables_; }

 private:
  void group(std::span<const IntervalRule> feature_rules);

  std::vector<float> weights_, thresholds_, fleet_surface_probability_;
  std::vector<Transform> transforms_;
  std::vector<std::uint8_t> fleet_arm_;
  std::vector<lane::RuleGroup> feature_rules_;
  std::vector<ScoreRule> score_rules_;
  ScoreTables tables_;
};

}  // namespace npo

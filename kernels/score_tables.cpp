#include "kernels/score_tables.hpp"

#include <algorithm>

#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn, gnu::noinline, gnu::cold]] void refuse(const char* problem) {
  throw Error(ErrorKind::internal, problem);
}

inline void require(bool holds, const char* problem) {
  if (!holds) refuse(problem);
}

void require_fit(const ScorePlan& plan) {
  const std::size_t dim = plan.model.weights.size(), arms = plan.threshold.thresholds.size();
  require(dim >= 1 && dim <= max_features, "a model has 1 to 4096 weights");
  require(plan.model.transforms.empty() || plan.model.transforms.size() == dim,
          "a model has one transform for each weight");
  require(arms >= 1 && arms <= max_arms, "a threshold plan has 1 to 32 arms");
  require(plan.threshold.fleet_surface_probability.size() == plan.threshold.fleet_arm.size() * (arms + 1),
          "a threshold plan has arms + 1 probabilities for each fleet");
  require(plan.guardrails.feature_rules.size() + plan.guardrails.score_rules.size() <= max_rules,
          "a policy has up to 63 guardrails");
}

RuleTest test_of(const IntervalRule& rule, std::uint32_t source) {
  require(rule.bit < nan_bit, "a guardrail's bit lies in 0 to 62");
  const std::uint64_t bit = std::uint64_t{1} << rule.bit;
  return {rule.lo, rule.hi,    static_cast<std::uint32_t>(bit), static_cast<std::uint32_t>(bit >> 32),
          source,  rule.negate};
}

}  // namespace

/// The number of `column` among the distinct columns, which it joins when it is new.
inline std::uint32_t PreparedScore::source_of(std::uint32_t column) {
  const int known = tables_.column_count;
  int source = 0;
  while (source < known && columns_[source] != column) ++source;
  if (source == known) columns_[tables_.column_count++] = column;
  return static_cast<std::uint32_t>(source);
}

PreparedScore::PreparedScore(const ScorePlan& plan) {
  require_fit(plan);
  const auto& weights = plan.model.weights;
  const bool padded = weights.size() % 16 == 0;
  if (!padded) std::fill_n(std::ranges::copy(weights, weights_).out, 16 - weights.size() % 16, 0.0f);

  const auto& transforms = plan.model.transforms;
  const bool transformed = std::ranges::any_of(transforms, [](Transform t) { return t != Transform::none; });
  tables_ = {.dim = static_cast<int>(weights.size()),
             .bias = plan.model.bias,
             .weights = padded ? weights.data() : weights_,
             .transforms = transformed ? transforms.data() : nullptr,
             .columns = columns_,
             .column_count = 0,
             .feature_rules = rules_,
             .feature_rule_count = static_cast<int>(plan.guardrails.feature_rules.size()),
             .score_rules = rules_ + plan.guardrails.feature_rules.size(),
             .score_rule_count = static_cast<int>(plan.guardrails.score_rules.size()),
             .thresholds = plan.threshold.thresholds.data(),
             .arms = static_cast<int>(plan.threshold.thresholds.size()),
             .fleet_arm = plan.threshold.fleet_arm.data(),
             .fleet_surface_probability = plan.threshold.fleet_surface_probability.data(),
             .carry = plan.carry};

  RuleTest* next = rules_;
  for (const IntervalRule& rule : plan.guardrails.feature_rules) {
    require(rule.column < weights.size(), "a guardrail reads a column that the file does not have");
    *next++ = test_of(rule, source_of(rule.column));
  }
  for (const IntervalRule& rule : plan.guardrails.score_rules) *next++ = test_of(rule, score_column);
}

RowColumns columns_of(const ScorePlan& plan, const RowInputs& in, const RowOutputs& out) {
  const auto fits = [&](std::size_t size) { return size == in.rows; };
  const auto fits_or_absent = [&](std::size_t size) { return size == 0 || size == in.rows; };
  require(in.features.size() == in.rows * plan.model.weights.size(), "features are rows x weights");
  require(fits(in.fleet.size()) && fits_or_absent(in.carried.size()) &&
              fits_or_absent(in.preset_mask.size()) && fits_or_absent(in.row_arm.size()),
          "the input columns of a batch differ in length");
  require(fits(out.base_score.size()) && fits(out.score.size()) && fits(out.decision.size()) &&
              fits(out.mask.size()) && fits(out.arm.size()) && fits(out.p_surfaced.size()),
          "the output columns of a batch differ in length");
  const auto optional = [](const auto& span) { return span.empty() ? nullptr : span.data(); };
  return {.rows = in.rows,
          .features = in.features.data(),
          .fleet = in.fleet.data(),
          .carried = plan.carry == Carry::reset ? nullptr : optional(in.carried),
          .preset_mask = optional(in.preset_mask),
          .row_arm = optional(in.row_arm),
          .base_score = out.base_score.data(),
          .score = out.score.data(),
          .decision = out.decision.data(),
          .mask = out.mask.data(),
          .arm = out.arm.data(),
          .p_surfaced = out.p_surfaced.data()};
}

}  // namespace npo

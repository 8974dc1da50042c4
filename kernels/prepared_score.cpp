#include "kernels/prepared_score.hpp"

#include <algorithm>
#include <cstddef>

#include "kernels/error.hpp"

namespace npo {
namespace {

void require(bool holds, const char* problem) {
  if (!holds) throw Error(ErrorKind::internal, problem);
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
  for (const IntervalRule& rule : plan.guardrails.feature_rules)
    require(rule.column < dim, "a guardrail reads a column that the file does not have");
}

std::uint64_t bit_of(const IntervalRule& rule) {
  require(rule.bit < nan_bit, "a guardrail's bit lies in 0 to 62");
  return std::uint64_t{1} << rule.bit;
}

ScoreRule score_rule_of(const IntervalRule& rule) {
  const std::uint64_t bit = bit_of(rule);
  return {rule.lo, rule.hi, static_cast<std::uint32_t>(bit), static_cast<std::uint32_t>(bit >> 32),
          rule.negate};
}

lane::RuleGroup empty_group() {
  lane::RuleGroup group{};
  std::ranges::fill(group.lo, 1.0f);
  std::ranges::fill(group.hi, 0.0f);
  return group;
}

void add(const IntervalRule& rule, lane::RuleGroup& group) {
  const int k = group.count++;
  group.lo[k] = rule.lo;
  group.hi[k] = rule.hi;
  group.column[k] = rule.column;
  group.bits |= bit_of(rule);
  group.negated |= std::uint32_t{rule.negate} << k;
}

template <class T>
std::vector<T> copy_of(std::span<const T> values) {
  return {values.begin(), values.end()};
}

bool any_transform(std::span<const Transform> transforms) {
  return std::ranges::any_of(transforms, [](Transform t) { return t != Transform::none; });
}

}  // namespace

PreparedScore::PreparedScore(const ScorePlan& plan)
    : weights_(copy_of(plan.model.weights)),
      thresholds_(copy_of(plan.threshold.thresholds)),
      fleet_surface_probability_(copy_of(plan.threshold.fleet_surface_probability)),
      transforms_(copy_of(plan.model.transforms)),
      fleet_arm_(copy_of(plan.threshold.fleet_arm)) {
  require_fit(plan);
  group(plan.guardrails.feature_rules);
  for (const IntervalRule& rule : plan.guardrails.score_rules) score_rules_.push_back(score_rule_of(rule));

  const std::size_t dim = weights_.size();
  weights_.resize((dim + 15) / 16 * 16, 0.0f);
  tables_ = {.dim = static_cast<int>(dim),
             .bias = plan.model.bias,
             .weights = weights_.data(),
             .transforms = any_transform(transforms_) ? transforms_.data() : nullptr,
             .feature_rules = feature_rules_.data(),
             .feature_rule_groups = static_cast<int>(feature_rules_.size()),
             .score_rules = score_rules_.data(),
             .score_rule_count = static_cast<int>(score_rules_.size()),
             .thresholds = thresholds_.data(),
             .arms = static_cast<int>(thresholds_.size()),
             .fleet_arm = fleet_arm_.data(),
             .fleet_surface_probability = fleet_surface_probability_.data(),
             .fleets = static_cast<std::uint32_t>(fleet_arm_.size()),
             .carry = plan.carry,
             .block_non_finite = plan.guardrails.block_non_finite};
}

/// A group's tests stand in the order of their bits; where two rules share a bit, they stand in two groups.
void PreparedScore::group(std::span<const IntervalRule> rules) {
  std::vector<IntervalRule> sorted(rules.begin(), rules.end());
  std::ranges::stable_sort(sorted, {}, &IntervalRule::bit);
  feature_rules_.push_back(empty_group());
  for (const IntervalRule& rule : sorted) {
    const lane::RuleGroup& last = feature_rules_.back();
    if (last.count == lane::RuleGroup::size || (last.bits & bit_of(rule)) != 0)
      feature_rules_.push_back(empty_group());
    add(rule, feature_rules_.back());
  }
}

}  // namespace npo

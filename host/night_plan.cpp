#include "host/night_plan.hpp"

namespace npo {
namespace {

bool within(const CompiledGuardrails::DaySpan& span, std::uint32_t second) {
  if (span.from <= span.to) return span.from <= second && second <= span.to;
  return second >= span.from || second <= span.to;
}

std::uint32_t second_of_day(UnixSeconds time) {
  const UnixSeconds rest = time % seconds_per_day;
  return static_cast<std::uint32_t>(rest < 0 ? rest + seconds_per_day : rest);
}

}  // namespace

NightPlan::NightPlan(const ScenarioFile& scenarios, const Night& night, const LogisticModel& model,
                     const Policy& policy, const StateManifest& state, std::uint64_t seed, SimdLevel level)
    : night_(night),
      policy_(policy),
      model_(plan_model(model, scenarios.header().features, scenarios.path().string())),
      guardrails_(compile_guardrails(policy, scenarios.header().features, scenarios.header().fleets,
                                     scenarios.path().string())),
      arms_(choose_arms(policy, state, scenarios.header().fleets, seed, level)),
      seed_(seed),
      round_(state.round) {}

ScorePlan NightPlan::score_plan() const {
  ScorePlan plan;
  plan.model = {model_.weights, model_.bias, model_.transforms};
  plan.threshold = {policy_.threshold.arms, arms_.arm, arms_.surface_probability};
  plan.guardrails = {guardrails_.feature_rules, guardrails_.score_rules,
                     policy_.score.nan == NanPolicy::block};
  plan.carry = policy_.score.carry;
  return plan;
}

std::uint64_t NightPlan::preset_mask(std::uint32_t fleet, UnixSeconds time) const {
  std::uint64_t mask = guardrails_.fleet_mask.empty() ? 0 : guardrails_.fleet_mask[fleet];
  for (const auto& span : guardrails_.day_spans)
    if (within(span, second_of_day(time)) != span.negate) mask |= std::uint64_t{1} << span.bit;
  return mask;
}

}  // namespace npo

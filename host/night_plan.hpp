#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/choose_arms.hpp"
#include "host/policy.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"
#include "kernels/score_plan.hpp"

namespace npo {

/// Everything that one night's scoring needs besides the rows, resolved against the columns and fleets of the
/// scenario file. Owns the tables that `score_plan()` points into.
class NightPlan {
 public:
  NightPlan(const ScenarioFile& scenarios, const Night& night, const LogisticModel& model,
            const Policy& policy, const StateManifest& state, std::uint64_t seed, SimdLevel level);

  const Night& night() const { return night_; }
  const FleetArms& arms() const { return arms_; }
  const Policy& policy() const { return policy_; }
  std::uint64_t seed() const { return seed_; }
  std::uint32_t round() const { return round_; }
  ScorePlan score_plan() const;

  /// Whether any guardrail looks at the fleet or the time of day.
  bool has_preset_rules() const { return !guardrails_.fleet_mask.empty() || !guardrails_.day_spans.empty(); }
  /// Bits of the rules about fleet and time of day that a row hits.
  std::uint64_t preset_mask(std::uint32_t fleet, UnixSeconds time) const;

 private:
  Night night_;
  Policy policy_;
  PlannedModel model_;
  CompiledGuardrails guardrails_;
  FleetArms arms_;
  std::uint64_t seed_;
  std::uint32_t round_;
};

}  // namespace npo

#include "host/generate_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/time_text.hpp"
#include "io/atomic_file.hpp"
#include "io/model_file.hpp"

namespace npo {
namespace {

GuardrailRule limit(const std::string& name, const std::string& column, const std::string& op, double value) {
  GuardrailRule rule;
  rule.name = name;
  rule.column = column;
  rule.op = op;
  rule.value = value;
  return rule;
}

/// Hard limits as an operator would set them: values far outside a fleet's habits, and a fleet that is being
/// serviced.
Policy example_policy(const SyntheticWorld& world) {
  const auto columns = world.feature_names();
  const auto fleets = world.fleet_names();
  Policy policy;
  policy.guardrails.push_back(
      limit("sensor_out_of_range", columns[std::min<std::size_t>(3, columns.size() - 1)], ">", 4.0));
  policy.guardrails.push_back(limit("sensor_stuck_low", columns.front(), "<", -4.5));
  if (fleets.size() >= 10) {
    GuardrailRule serviced = limit("fleet_in_service", "fleet", "in", 0.0);
    serviced.fleets = {fleets.back()};
    policy.guardrails.push_back(serviced);
  }
  return policy;
}

std::string night_toml(std::uint64_t seed) {
  return fmt::format(
      R"(# npo nightly night.toml: every night of the fleet in order. Paths are relative to this file.
scenarios = "scenarios.h5"
model = "model.json"
policy = "policy.toml"
state = "state.h5"
output = "runs"
labels = "scenarios.h5"
seed = {}
# alert_budget = 1000  # at most so many surfaced a night, the highest scores first

[feedback]
hindsight = true        # outcomes that became known speak for the operator
operators = "truth.h5"  # and so do simulated operators, who know the truth

# [gates]               # exit code 4 when a night goes past one of them
# override_rate = 0.5
# loss = 0.4
# drift = 0.2

# [nights]              # only some of the nights
# first = 2026-01-01
# last = 2026-01-03
)",
      seed);
}

}  // namespace

bool is_generated(const std::string& name) {
  const GeneratedPaths paths{""};
  return std::ranges::any_of(paths.all(), [&](const auto* path) {
    const std::string file = path->filename().string();
    return name == file || (name.starts_with(file + ".") && name.ends_with(".tmp"));
  });
}

std::string generate_provenance(const GenerateOptions& options, std::uint64_t seed) {
  const SyntheticSettings& world = options.world;
  nlohmann::json json;
  json["command"] = "generate";
  json["seed"] = seed;
  json["scenarios"] = options.scenarios;
  json["features"] = world.features;
  json["fleets"] = world.fleets;
  json["nights"] = options.nights;
  json["first_night"] = format_time(options.first_night);
  json["label_horizon"] = options.label_horizon;
  json["truth"] = world.truth == SyntheticTruth::logistic ? "logistic" : "deterministic";
  json["base_rate"] = world.base_rate;
  json["signal"] = world.signal;
  json["fleet_spread"] = world.fleet_spread;
  json["hidden"] = world.hidden;
  json["walk_step"] = world.walk_step;
  json["drift"] = world.drift;
  json["model_error"] = world.model_error;
  return json.dump();
}

void write_settings(const GeneratedPaths& paths, const SyntheticWorld& world, const RunContext& context) {
  write_model(paths.model, world.imperfect_model(), context.overwrite);
  write_text_atomically(paths.policy, context.overwrite, policy_to_toml(example_policy(world)));
  write_text_atomically(paths.night, context.overwrite, night_toml(context.seed));
}

}  // namespace npo

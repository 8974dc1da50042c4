#include "host/state_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/sliding_posteriors.hpp"
#include "io/model_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr int discount_bits = 40;

int fraction_bits_of(const Policy& policy) {
  return policy.threshold.kind == ThresholdKind::discounted_thompson ? discount_bits : 0;
}

/// Counts with `from` fraction bits as counts with `to`; rounds to nearest.
std::int64_t rescaled(std::int64_t count, int from, int to) {
  if (from == to) return count;
  const std::int64_t one = std::int64_t{1} << discount_bits;
  if (from > to) return (count + one / 2) / one;
  if (std::abs(count) > std::numeric_limits<std::int64_t>::max() / one)
    throw Error(ErrorKind::usage,
                "the posteriors hold more answers than discounted_thompson can count (2^23)",
                "stay with thompson, or start a new state with npo state init");
  return count * one;
}

/// "loss.skipped: 0.3 -> 0.25" for every key that differs.
std::vector<std::string> differences(const nlohmann::json& before, const nlohmann::json& after,
                                     const std::string& path = {}) {
  std::vector<std::string> changes;
  for (const auto& [key, value] : after.items()) {
    const std::string full = path.empty() ? key : path + "." + key;
    const nlohmann::json old = before.value(key, nlohmann::json());
    if (value.is_object() && old.is_object()) {
      for (std::string& change : differences(old, value, full)) changes.push_back(std::move(change));
    } else if (value != old) {
      changes.push_back(fmt::format("{}: {} -> {}", full, old.dump(), value.dump()));
    }
  }
  return changes;
}

void require_same_thresholds(const StateManifest& manifest, const Policy& policy, const std::string& origin) {
  if (manifest.thresholds == policy.threshold.arms) return;
  throw Error(ErrorKind::usage,
              fmt::format("{}: threshold.arms is [{}], the state's posteriors belong to [{}]", origin,
                          fmt::join(policy.threshold.arms, ", "), fmt::join(manifest.thresholds, ", ")),
              "keep the thresholds, or start a new state with npo state init");
}

/// The rounds of the window under another policy.
void move_window(StateManifest& manifest, const Policy& before, const Policy& after) {
  const bool slid = before.threshold.kind == ThresholdKind::sliding_thompson;
  if (after.threshold.kind != ThresholdKind::sliding_thompson) {
    manifest.window.clear();
    return;
  }
  if (!slid) begin_window(manifest);
  slide_posteriors(after.threshold.rounds, manifest);
}

void adopt(StateManifest& manifest, const Policy& policy) {
  const nlohmann::json before = nlohmann::json::parse(manifest.policy_json);
  const nlohmann::json after = nlohmann::json::parse(policy_to_json(policy));
  const int bits = fraction_bits_of(policy);
  for (auto* counts : {&manifest.successes, &manifest.failures})
    for (std::int64_t& count : *counts) count = rescaled(count, manifest.fraction_bits, bits);
  manifest.fraction_bits = bits;
  move_window(manifest, policy_from_json(manifest.policy_json, "the state"), policy);
  if (before.at("loss") != after.at("loss") || before.at("monitor") != after.at("monitor")) {
    for (FleetMonitor& monitor : manifest.monitors) {
      monitor.best_reference = -1.0;
      monitor.loss = -1.0;
    }
  }
  manifest.policy_json = policy_to_json(policy);
  manifest.policy_digest = to_hex(policy_digest(policy));
}

}  // namespace

StateManifest empty_state(const Policy& policy, const std::string& model_digest) {
  StateManifest manifest;
  manifest.policy_json = policy_to_json(policy);
  manifest.policy_digest = to_hex(policy_digest(policy));
  manifest.model_digest = model_digest;
  manifest.thresholds = policy.threshold.arms;
  manifest.fraction_bits = fraction_bits_of(policy);
  return manifest;
}

void run_state_init(const StateInitOptions& options, const RunContext& context) {
  const Policy policy = read_policy(options.policy);
  const std::string model = options.model.empty() ? "" : to_hex(model_digest(read_model(options.model)));
  if (std::filesystem::exists(options.state))
    throw Error(ErrorKind::environment, fmt::format("{} exists", options.state.string()),
                "a state is never overwritten; choose another name, or remove it and its folder .d");
  if (!context.dry_run) StateTransaction::create(options.state, empty_state(policy, model));
}

StateList run_state_list(const std::filesystem::path& state) {
  return {generation_in_force(state), kept_generations(state)};
}

std::uint64_t run_state_rollback(const std::filesystem::path& state, std::optional<std::uint64_t> generation,
                                 const RunContext& context) {
  return context.dry_run ? rollback_target(state, generation) : rollback_state(state, generation);
}

AdoptReport run_adopt_policy(const std::filesystem::path& state, const std::filesystem::path& policy,
                             const RunContext& context) {
  const Policy wanted = read_policy(policy);
  StateTransaction transaction(state);
  StateManifest manifest = transaction.before().manifest();
  require_same_thresholds(manifest, wanted, policy.string());
  AdoptReport report;
  report.generation = manifest.generation;
  report.changes =
      differences(nlohmann::json::parse(manifest.policy_json), nlohmann::json::parse(policy_to_json(wanted)));
  report.changed = !report.changes.empty();
  if (!report.changed) return report;
  adopt(manifest, wanted);
  if (!context.dry_run) report.generation = transaction.commit(std::move(manifest));
  return report;
}

}  // namespace npo

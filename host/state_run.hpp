#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/policy.hpp"
#include "host/run_context.hpp"
#include "io/state_store.hpp"

/// `npo state`: make a state, look at its generations, go back to one, move to another policy.
namespace npo {

/// The empty state of a loop that runs under `policy`.
StateManifest empty_state(const Policy& policy, const std::string& model_digest);

struct StateInitOptions {
  std::filesystem::path state, policy;
  std::filesystem::path model;  ///< empty: the first run binds the state to its model
};
/// Creates the state. Error(environment) when it exists.
void run_state_init(const StateInitOptions& options, const RunContext& context);

struct StateList {
  std::optional<std::uint64_t> current;  ///< nothing when its manifest is damaged
  std::vector<std::uint64_t> kept;       ///< ascending
};
StateList run_state_list(const std::filesystem::path& state);

/// Goes back to `generation`, or to the one that the current one was made from, from a damaged one to the
/// latest kept. Returns the one now in force; a dry run returns the one that would be.
std::uint64_t run_state_rollback(const std::filesystem::path& state, std::optional<std::uint64_t> generation,
                                 const RunContext& context);

struct AdoptReport {
  bool changed = false;              ///< false: the state already ran under that policy
  std::vector<std::string> changes;  ///< keys with their old and new values
  std::uint64_t generation = 0;
};
/// Binds the state to another policy. What was learned stays: scores, posteriors, tallies and ledgers.
/// References of the monitors start again when loss or monitor settings change, because they are measured in
/// them. Error(usage) when the thresholds differ: posteriors belong to them.
AdoptReport run_adopt_policy(const std::filesystem::path& state, const std::filesystem::path& policy,
                             const RunContext& context);

}  // namespace npo

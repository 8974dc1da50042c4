#pragma once
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "io/state_store.hpp"

/// Where the pieces of a state lie: state.h5, and beside it the folder state.h5.d.
namespace npo {

/// The state itself where `state` is a link to it: its folder lies beside the state, not beside the link, and
/// a commit must not replace the link.
std::filesystem::path linked_state(const std::filesystem::path& state);

std::filesystem::path state_folder(const std::filesystem::path& state);
std::filesystem::path state_lock_path(const std::filesystem::path& state);
std::filesystem::path kept_manifest_path(const std::filesystem::path& state, std::uint64_t generation);

/// Error(environment) with the remedy `--new-state` when there is no such state.
void require_state(const std::filesystem::path& state);

/// The state that `state` names or links to, after require_state and once its folder exists, so that the lock
/// has a place.
std::filesystem::path opened_state(const std::filesystem::path& state);

/// Copies the manifest in force, of `generation`, to the kept ones, where it is not there yet.
void keep_manifest(const std::filesystem::path& state, std::uint64_t generation);

/// Names of the files of a generation, relative to the folder. `number` counts the files of a transaction.
std::string state_shard_name(std::uint64_t generation, std::uint64_t number);
std::string state_ledger_name(std::uint64_t generation, std::uint64_t number);

/// Generations whose manifests lie in the folder, ascending; the current one is among them only after a
/// rollback.
std::vector<std::uint64_t> manifests_in_folder(const std::filesystem::path& state);

/// Whether the folder holds anything of a state.
bool holds_state_files(const std::filesystem::path& state);

/// Removes the state's files in the folder except those named in `needed`, and temporary files of interrupted
/// writes. Files that are not a state's stay. The caller holds the lock.
void remove_other_files(const std::filesystem::path& state, const std::set<std::string>& needed);

/// Files, relative to the folder, without which `manifest` cannot be read.
std::set<std::string> files_of(const StateManifest& manifest);

}  // namespace npo

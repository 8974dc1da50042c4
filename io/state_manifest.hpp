#pragma once
#include <filesystem>

#include "io/state_store.hpp"

/// The manifest of a state as a file.
namespace npo {

/// Error(internal) unless all tables fit the fleets and arms, and the shards' id ranges ascend.
void require_sound(const StateManifest& manifest);

/// Writes a manifest at `path` as a whole, verified by reading it back.
void write_manifest(const std::filesystem::path& path, const StateManifest& manifest, bool overwrite);

/// Error(bad_data) names the dataset that is missing or does not fit.
StateManifest read_manifest(const std::filesystem::path& path);

}  // namespace npo

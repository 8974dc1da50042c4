#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "io/atomic_file.hpp"
#include "io/lock_file.hpp"
#include "io/state_files.hpp"
#include "io/state_manifest.hpp"
#include "io/state_store.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

void require_files(const fs::path& state, const StateManifest& manifest) {
  for (const std::string& file : files_of(manifest))
    if (!fs::exists(state_folder(state) / file))
      throw Error(ErrorKind::bad_data,
                  fmt::format("generation {} of {} lacks {}", manifest.generation, state.string(), file),
                  "go back to another generation");
}

/// The generation in force, or nothing when the manifest is damaged: going back is the way out of that.
std::optional<StateManifest> manifest_in_force(const fs::path& state) {
  try {
    return read_manifest(state);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_data) throw;
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::uint64_t> kept_generations(const fs::path& path) {
  std::vector<std::uint64_t> generations = manifests_in_folder(path);
  if (const auto current = manifest_in_force(path)) generations.push_back(current->generation);
  std::ranges::sort(generations);
  const auto repeated = std::ranges::unique(generations);
  generations.erase(repeated.begin(), repeated.end());
  return generations;
}

std::uint64_t rollback_state(const fs::path& path, std::optional<std::uint64_t> generation) {
  const LockFile lock(state_lock_path(opened_state(path)), path.string());
  const std::vector<std::uint64_t> kept = kept_generations(path);
  const std::optional<StateManifest> current = manifest_in_force(path);
  const std::uint64_t before = current ? current->previous : kept.empty() ? 0 : kept.back();
  const std::uint64_t target = generation.value_or(before);
  if (std::ranges::find(kept, target) == kept.end())
    throw Error(ErrorKind::usage, fmt::format("generation {} of {} is not kept", target, path.string()),
                fmt::format("kept are {}", fmt::join(kept, ", ")));
  if (current && current->generation == target) return target;
  const fs::path source = kept_manifest_path(path, target);
  require_files(path, read_manifest(source));
  if (current) keep_manifest(path, current->generation);
  write_text_atomically(path, true, read_text(source));
  return target;
}

}  // namespace npo

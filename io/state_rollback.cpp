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

bool is_readable(const fs::path& manifest) {
  try {
    read_manifest(manifest);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool can_go_back(const fs::path& state) {
  return std::ranges::any_of(manifests_in_folder(state), [&](std::uint64_t generation) {
    return is_readable(kept_manifest_path(state, generation));
  });
}

/// The manifest in force, or nothing when it is damaged and another can be gone back to. Where none can, the
/// file may be no state at all, or one of another version.
std::optional<StateManifest> manifest_in_force(const fs::path& state) {
  require_state(state);
  try {
    return read_manifest(state);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_data || !can_go_back(state)) throw;
    return std::nullopt;
  }
}

/// From where to where a rollback goes.
struct Rollback {
  std::optional<StateManifest> current;
  std::uint64_t target;
  bool moves() const { return !current || current->generation != target; }
};

/// Checks that the target is kept whole.
Rollback plan_rollback(const fs::path& path, std::optional<std::uint64_t> generation) {
  const std::optional<StateManifest> current = manifest_in_force(path);
  const std::vector<std::uint64_t> kept = kept_generations(path);
  const Rollback plan{current, generation.value_or(current ? current->previous : kept.back())};
  if (std::ranges::find(kept, plan.target) == kept.end())
    throw Error(ErrorKind::usage, fmt::format("generation {} of {} is not kept", plan.target, path.string()),
                fmt::format("kept are {}", fmt::join(kept, ", ")));
  if (plan.moves()) require_files(path, read_manifest(kept_manifest_path(path, plan.target)));
  return plan;
}

}  // namespace

std::optional<std::uint64_t> generation_in_force(const fs::path& path) {
  const std::optional<StateManifest> current = manifest_in_force(linked_state(path));
  return current ? std::optional(current->generation) : std::nullopt;
}

std::vector<std::uint64_t> kept_generations(const fs::path& path) {
  std::vector<std::uint64_t> generations = manifests_in_folder(linked_state(path));
  if (const auto current = generation_in_force(path)) generations.push_back(*current);
  std::ranges::sort(generations);
  const auto repeated = std::ranges::unique(generations);
  generations.erase(repeated.begin(), repeated.end());
  return generations;
}

std::uint64_t rollback_target(const fs::path& path, std::optional<std::uint64_t> generation) {
  return plan_rollback(linked_state(path), generation).target;
}

std::uint64_t rollback_state(const fs::path& given, std::optional<std::uint64_t> generation) {
  generation_in_force(given);  // before a folder is made beside what is no state
  const fs::path path = opened_state(given);
  const LockFile lock(state_lock_path(path), given.string());
  const Rollback plan = plan_rollback(path, generation);
  if (!plan.moves()) return plan.target;
  if (plan.current) keep_manifest(path, plan.current->generation);
  write_text_atomically(path, true, read_text(kept_manifest_path(path, plan.target)));
  return plan.target;
}

}  // namespace npo

#include "io/state_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

/// The generation of a kept manifest, by its name.
std::optional<std::uint64_t> manifest_generation(const std::string& name) {
  static const std::regex pattern("manifest-([0-9]{1,19})\\.h5");
  std::smatch match;
  if (!std::regex_match(name, match, pattern)) return std::nullopt;
  return std::stoull(match[1]);
}

bool is_content(const std::string& name) {
  static const std::regex pattern("(scenarios|ledger)-[0-9]+-[0-9]+\\.h5");
  return std::regex_match(name, pattern);
}

bool is_temporary(const std::string& name) {
  static const std::regex pattern("(manifest|scenarios|ledger)-[0-9-]+\\.h5\\..*\\.tmp");
  return std::regex_match(name, pattern);
}

bool is_ours(const std::string& name) {
  return manifest_generation(name) || is_content(name) || is_temporary(name);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  return names;
}

}  // namespace

fs::path linked_state(const fs::path& state) {
  return fs::is_symlink(state) ? fs::weakly_canonical(state) : state;
}

fs::path state_folder(const fs::path& state) {
  return fs::path(state) += ".d";
}
fs::path state_lock_path(const fs::path& state) {
  return state_folder(state) / "lock";
}
fs::path kept_manifest_path(const fs::path& state, std::uint64_t generation) {
  return state_folder(state) / fmt::format("manifest-{}.h5", generation);
}

void require_state(const fs::path& state) {
  if (!fs::exists(state))
    throw Error(ErrorKind::environment, fmt::format("there is no state at {}", state.string()),
                "check the path, or begin a new one with --new-state");
}

fs::path opened_state(const fs::path& state) {
  require_state(state);
  const fs::path real = linked_state(state);
  make_directory(state_folder(real));
  return real;
}

void keep_manifest(const fs::path& state, std::uint64_t generation) {
  const fs::path kept = kept_manifest_path(state, generation);
  if (!fs::exists(kept)) write_text_atomically(kept, false, read_text(state));
}

std::string state_shard_name(std::uint64_t generation, std::uint64_t number) {
  return fmt::format("scenarios-{}-{}.h5", generation, number);
}
std::string state_ledger_name(std::uint64_t generation, std::uint64_t number) {
  return fmt::format("ledger-{}-{}.h5", generation, number);
}

std::vector<std::uint64_t> manifests_in_folder(const fs::path& state) {
  std::vector<std::uint64_t> generations;
  for (const std::string& name : names_in(state_folder(state)))
    if (const auto generation = manifest_generation(name)) generations.push_back(*generation);
  std::ranges::sort(generations);
  return generations;
}

bool holds_state_files(const fs::path& state) {
  return std::ranges::any_of(names_in(state_folder(state)), [](const std::string& name) {
    return manifest_generation(name) || is_content(name);
  });
}

void remove_other_files(const fs::path& state, const std::set<std::string>& needed) {
  // What cannot be removed now is removed by the next commit.
  std::error_code ignored;
  for (const std::string& name : names_in(state_folder(state)))
    if (is_ours(name) && !needed.contains(name)) fs::remove(state_folder(state) / name, ignored);
  const fs::path beside = state.has_parent_path() ? state.parent_path() : fs::path(".");
  const std::string prefix = state.filename().string() + ".";
  for (const std::string& name : names_in(beside))
    if (name.starts_with(prefix) && name.ends_with(".tmp")) fs::remove(beside / name, ignored);
}

std::set<std::string> files_of(const StateManifest& manifest) {
  std::set<std::string> files;
  for (const ShardEntry& shard : manifest.shards) files.insert(shard.file);
  for (const LedgerEntry& ledger : manifest.ledgers) files.insert(ledger.file);
  return files;
}

}  // namespace npo

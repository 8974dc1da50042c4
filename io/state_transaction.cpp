#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "io/atomic_file.hpp"
#include "io/lock_file.hpp"
#include "io/state_files.hpp"
#include "io/state_ledger.hpp"
#include "io/state_manifest.hpp"
#include "io/state_shard.hpp"
#include "io/state_store.hpp"
#include "io/stored_ids.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

/// Ids of shards at the manifest's width: shards written before the ids grew are narrower.
void pad_ids(StateManifest& manifest) {
  for (ShardEntry& shard : manifest.shards)
    for (auto* id : {&shard.first_id, &shard.last_id})
      if (id->size() < static_cast<std::size_t>(manifest.id.words()))
        id->resize(static_cast<std::size_t>(manifest.id.words()), 0);
}

/// Files of the `keep` generations that lead to `current`, their manifests included.
std::set<std::string> files_to_keep(const fs::path& state, const StateManifest& current, int keep) {
  std::set<std::string> files = files_of(current);
  std::uint64_t generation = current.previous;
  for (int kept = 1; kept < keep && generation != 0; ++kept) {
    const fs::path path = kept_manifest_path(state, generation);
    if (!fs::exists(path)) break;
    const StateManifest manifest = read_manifest(path);
    files.merge(files_of(manifest));
    files.insert(path.filename().string());
    generation = manifest.previous;
  }
  return files;
}

}  // namespace

struct StateTransaction::Impl {
  Impl(const fs::path& path, int generations)
      : state(opened_state(path)),
        lock(state_lock_path(state), state.string()),
        before(state),
        keep(generations) {
    const auto kept = manifests_in_folder(state);
    generation = std::max(before.manifest().generation, kept.empty() ? 0 : kept.back()) + 1;
  }

  ~Impl() {
    if (!committed) remove_written();
  }

  /// Takes back what was written, except where a commit failed so late that the new manifest is in force.
  void remove_written() {
    try {
      const std::set<std::string> named = files_of(read_manifest(state));
      std::error_code ignored;
      for (const std::string& file : written)
        if (!named.contains(file)) fs::remove(state_folder(state) / file, ignored);
    } catch (const Error&) {
      // Nothing is known of the manifest in force, so nothing is removed; the next commit does it.
    }
  }

  /// A name for the next file, remembered so that it is removed unless the transaction commits.
  std::string next_name(std::string (*name)(std::uint64_t, std::uint64_t)) {
    const std::lock_guard guard(mutex);
    written.push_back(name(generation, written.size()));
    return written.back();
  }

  void remove_unneeded(const StateManifest& manifest) {
    try {
      remove_other_files(state, files_to_keep(state, manifest, keep));
    } catch (const Error&) {
      // A kept manifest that cannot be read names unknown files: nothing is removed. The commit itself is
      // done.
    }
  }

  fs::path state;
  LockFile lock;
  StateSnapshot before;
  int keep;
  std::uint64_t generation = 0;
  std::mutex mutex;
  std::vector<std::string> written;
  bool committed = false;
};

StateTransaction::StateTransaction(const fs::path& path, int keep) {
  if (keep < 1)
    throw Error(ErrorKind::usage, fmt::format("cannot keep {} generations of a state", keep),
                "keep at least one");
  impl_ = std::make_unique<Impl>(path, keep);
}

StateTransaction::~StateTransaction() = default;

void StateTransaction::require_room(const fs::path& path) {
  refuse_existing(path, false);
  if (holds_state_files(path))
    throw Error(ErrorKind::environment,
                fmt::format("{} holds an earlier state whose {} is gone", state_folder(path).string(),
                            path.filename().string()),
                "copy its last manifest back to that name, or move the folder away");
}

void StateTransaction::create(const fs::path& given, const StateManifest& first) {
  const fs::path path = linked_state(given);
  refuse_existing(path, false);
  make_directory(state_folder(path));
  const LockFile lock(state_lock_path(path), path.string());
  require_room(path);
  StateManifest manifest = first;
  manifest.generation = 1;
  manifest.previous = 0;
  require_sound(manifest);
  write_manifest(path, manifest, false);
}

const StateSnapshot& StateTransaction::before() const {
  return impl_->before;
}

ShardEntry StateTransaction::write_shard(const StateRows& rows, IdType id) {
  const std::string name = impl_->next_name(state_shard_name);
  ShardEntry entry = write_state_shard(state_folder(impl_->state) / name, rows, id);
  entry.file = name;
  return entry;
}

LedgerEntry StateTransaction::write_ledger(const std::string& run_id, const std::string& source,
                                           UnixSeconds night, std::span<const std::uint8_t> cells) {
  const std::string name = impl_->next_name(state_ledger_name);
  LedgerEntry entry = write_state_ledger(state_folder(impl_->state) / name, run_id, source, night, cells);
  entry.file = name;
  return entry;
}

std::uint64_t StateTransaction::commit(StateManifest manifest) {
  Impl& transaction = *impl_;
  if (transaction.committed) throw Error(ErrorKind::internal, "a transaction of the state commits once");
  manifest.generation = transaction.generation;
  manifest.previous = transaction.before.manifest().generation;
  pad_ids(manifest);
  require_sound(manifest);
  keep_manifest(transaction.state, manifest.previous);
  write_manifest(transaction.state, manifest, true);
  transaction.committed = true;
  transaction.remove_unneeded(manifest);
  return manifest.generation;
}

}  // namespace npo

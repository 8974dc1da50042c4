#include <utility>

#include "io/state_files.hpp"
#include "io/state_ledger.hpp"
#include "io/state_manifest.hpp"
#include "io/state_shard.hpp"
#include "io/state_store.hpp"
#include "io/stored_ids.hpp"

namespace npo {
namespace {

StateManifest manifest_at(const std::filesystem::path& path) {
  require_state(path);
  return read_manifest(path);
}

void append(StateRows& all, const StateRows& more) {
  const auto join = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  join(all.ids, more.ids);
  join(all.score, more.score);
  join(all.correction, more.correction);
  join(all.updates, more.updates);
  join(all.steps, more.steps);
  join(all.round, more.round);
}

}  // namespace

StateSnapshot::StateSnapshot(const std::filesystem::path& path)
    : path_(linked_state(path)), manifest_(manifest_at(path)) {}

StateSnapshot::StateSnapshot(const std::filesystem::path& path, StateManifest first)
    : path_(path), manifest_(std::move(first)) {}

std::uint64_t StateSnapshot::scenarios() const {
  std::uint64_t rows = 0;
  for (const ShardEntry& shard : manifest_.shards) rows += shard.rows;
  return rows;
}

StateRows StateSnapshot::range(const std::uint64_t* first, const std::uint64_t* last) const {
  const int words = manifest_.id.words();
  StateRows all;
  for (const ShardEntry& shard : manifest_.shards) {
    const bool overlaps = compare_words(shard.last_id.data(), first, words) >= 0 &&
                          compare_words(shard.first_id.data(), last, words) <= 0;
    if (overlaps)
      append(all, read_state_shard(state_folder(path_) / shard.file, shard, manifest_.id, first, last));
  }
  return all;
}

StateRows StateSnapshot::shard(std::size_t index) const {
  const ShardEntry& entry = manifest_.shards.at(index);
  return read_state_shard(state_folder(path_) / entry.file, entry, manifest_.id);
}

std::vector<std::uint8_t> StateSnapshot::ledger(const LedgerEntry& entry) const {
  return read_state_ledger(state_folder(path_) / entry.file, entry);
}

}  // namespace npo

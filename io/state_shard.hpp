#pragma once
#include <filesystem>

#include "io/state_store.hpp"

/// A shard of the scenarios of a state as a file, written once and never changed.
namespace npo {

/// Writes a shard at `path`, verified by reading it back, and returns its entry but for the file's name.
/// Error(internal) unless the ids ascend and all columns have one length.
ShardEntry write_state_shard(const std::filesystem::path& path, const StateRows& rows, IdType id);

/// Rows of a shard whose ids lie in [first, last]; null pointers: all. Ids come padded to the width of `id`,
/// the state's own. All rows are checked against the digest, a range is not. Error(bad_data) names the file.
StateRows read_state_shard(const std::filesystem::path& path, const ShardEntry& entry, IdType id,
                           const std::uint64_t* first = nullptr, const std::uint64_t* last = nullptr);

}  // namespace npo

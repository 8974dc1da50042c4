#pragma once
#include <functional>
#include <optional>

#include "io/raw_file.hpp"

/// Private to io/: the version 1 B-tree that indexes chunks (HDF5 File Format Specification 3.0, III.A.1).
namespace npo::h5 {

/// One leaf entry: where a chunk lies, and its first element's coordinates.
struct TreeEntry {
  std::uint64_t offset;
  std::uint32_t bytes, skipped_filters;
  std::uint64_t coordinates[2];
};

/// The root of the B-tree of the dataset whose object header is at `header`; nothing when the dataset is
/// indexed in another way.
std::optional<std::uint64_t> find_chunk_tree(const RawFile& raw, std::uint64_t header, int rank);

/// Calls `visit` for every chunk of the tree until it returns false; false when it did, or when the tree is
/// damaged.
bool visit_chunk_tree(const RawFile& raw, std::uint64_t root, int rank,
                      const std::function<bool(const TreeEntry&)>& visit);

}  // namespace npo::h5

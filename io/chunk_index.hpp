#pragma once
#include <cstdint>
#include <vector>

#include "io/h5_checks.hpp"
#include "io/raw_file.hpp"

/// Private to io/: where the chunks of a dataset lie in its file.
namespace npo::h5 {

struct ChunkPlace {
  std::uint64_t offset = 0, bytes = 0;
  std::uint32_t skipped_filters = 0;  ///< bit i: filter i was not applied to this chunk
};

/// Chunks in row-major order of the grid [chunk rows][chunk columns]. The common index (a version 1 B-tree,
/// what every HDF5 version writes by default) is read directly, in one pass; the library would walk it anew
/// for each chunk. Other indices are asked from the library. Error(bad_data) when a chunk is missing or lies
/// outside of the file.
std::vector<ChunkPlace> read_chunk_index(const Place& place, const OpenDataset& dataset, const RawFile& raw);

}  // namespace npo::h5

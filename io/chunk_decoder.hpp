#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/buffer.hpp"
#include "io/chunk_index.hpp"

/// Private to io/: stored bytes of a chunk back into values, with none of the library's locks.
namespace npo::h5 {

/// Undoes fletcher32, deflate and shuffle in the order they were applied.
class ChunkDecoder {
 public:
  /// `chunk_bytes`: of a whole chunk, decoded.
  ChunkDecoder(std::vector<int> filters, std::size_t value_bytes, std::size_t chunk_bytes);

  /// Buffers of one thread.
  struct Scratch {
    Buffer stored;
    std::array<Buffer, 2> steps;
  };
  /// Reads a chunk and decodes it into `out` of chunk_bytes. What is wrong with it, or nothing.
  std::optional<const char*> decode(const RawFile& raw, const ChunkPlace& place, Scratch& scratch,
                                    std::span<std::byte> out) const;

 private:
  /// Bytes before each filter was applied, when `skipped` were not.
  std::vector<std::size_t> sizes_before(std::uint32_t skipped) const;

  std::vector<int> filters_;
  std::size_t value_bytes_, chunk_bytes_;
};

/// The checksum of HDF5's fletcher32 filter.
std::uint32_t fletcher32(std::span<const std::byte> bytes);

}  // namespace npo::h5

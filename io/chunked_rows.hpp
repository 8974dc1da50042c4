#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/chunk_decoder.hpp"
#include "io/column_reader.hpp"
#include "io/pool.hpp"

/// Private to io/: rows of a chunked dataset. A *band* is all chunks of the same rows.
namespace npo::h5 {

class ChunkedRows {
 public:
  ChunkedRows(const Place& place, const OpenDataset& dataset, const RawFile& raw);
  /// Rows that exist. Thread-safe.
  RowWindow read(const RawFile& raw, std::uint64_t first, std::uint64_t count) const;

 private:
  /// A decoded band, shared by windows and by later reads of its rows.
  struct Band {
    std::mutex mutex;
    bool ready = false;
    Buffer rows;
  };

  std::uint64_t rows_in(std::uint64_t band) const;
  std::shared_ptr<Band> cached_band(const RawFile& raw, std::uint64_t band) const;
  std::shared_ptr<Band> find_or_insert(std::uint64_t band) const;
  /// Decodes a whole band into `out` of band_bytes_.
  void decode_band(const RawFile& raw, std::uint64_t band, std::span<std::byte> out) const;

  std::string dataset_;
  Storage storage_;
  std::uint64_t columns_;  ///< chunks in a band
  std::size_t band_bytes_;
  std::vector<ChunkPlace> chunks_;
  ChunkDecoder decoder_;
  std::size_t most_cached_;
  mutable Pool<ChunkDecoder::Scratch> scratch_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<Band>>> recent_;  ///< the latest used last
};

}  // namespace npo::h5

#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "io/buffer.hpp"
#include "io/column_reader.hpp"
#include "io/h5_checks.hpp"
#include "io/pool.hpp"
#include "io/raw_file.hpp"

/// Private to io/: rows of a contiguous dataset.
namespace npo::h5 {

/// Windows of up to 256 KiB are copied into buffers that are used again, larger ones are mapped: the dataset
/// once, so that the kernel may use large pages; what a window has touched is given back when it dies, so
/// that memory is bounded by the windows alive. Thread-safe.
class ContiguousRows {
 public:
  ContiguousRows(const Place& place, const Storage& storage, const RawFile& raw);
  RowWindow read(const RawFile& raw, std::uint64_t first, std::uint64_t count) const;
  /// As many as stay in a core's cache while it works on them.
  std::uint64_t rows_at_a_time() const;

 private:
  class Mapping;
  std::string dataset_;
  std::uint64_t offset_;
  std::size_t row_bytes_;
  bool aligned_;  ///< values may be used in place
  std::shared_ptr<const Mapping> mapping_;
  std::shared_ptr<Pool<Buffer>> buffers_;  ///< shared with the windows
};

}  // namespace npo::h5

#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "io/column_reader.hpp"
#include "io/h5_checks.hpp"
#include "io/raw_file.hpp"

/// Private to io/: rows of a contiguous dataset.
namespace npo::h5 {

/// The dataset is mapped once, so that the kernel may use large pages; what a window has touched is given
/// back when it dies, so that memory is bounded by the windows alive. Small windows are copied. Thread-safe.
class ContiguousRows {
 public:
  ContiguousRows(const Place& place, const Storage& storage, const RawFile& raw);
  RowWindow read(const RawFile& raw, std::uint64_t first, std::uint64_t count) const;

 private:
  class Mapping;
  std::string dataset_;
  std::uint64_t offset_;
  std::size_t row_bytes_;
  bool aligned_;  ///< values may be used in place
  std::shared_ptr<const Mapping> mapping_;
};

}  // namespace npo::h5

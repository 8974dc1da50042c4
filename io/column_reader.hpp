#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "io/h5_file.hpp"

namespace npo {

/// Rows of a column held in memory until the object dies: a mapped window of a contiguous dataset, or a
/// buffer.
class RowWindow {
 public:
  RowWindow() = default;
  RowWindow(std::span<const std::byte> bytes, std::shared_ptr<void> keep)
      : bytes_(bytes), keep_(std::move(keep)) {}
  std::span<const std::byte> bytes() const { return bytes_; }
  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<void> keep_;
};

/// Streams rows of one dataset past the HDF5 library: contiguous data is copied or, in large windows, mapped;
/// gzip chunks are read raw and inflated by the calling thread. The chunk index is read once, by the
/// constructor. Thread-safe: many threads may read at the same time. Memory is bounded by the windows alive.
class ColumnReader {
 public:
  ColumnReader(const h5::ReadFile& file, const std::string& dataset);
  ~ColumnReader();
  ColumnReader(ColumnReader&&) noexcept;
  ColumnReader& operator=(ColumnReader&&) noexcept;

  std::uint64_t rows() const;
  std::size_t row_bytes() const;
  const h5::DatasetInfo& info() const;
  /// Rows [first, first + count); Error(bad_data) names file, dataset and chunk when stored bytes are
  /// damaged.
  RowWindow read(std::uint64_t first, std::uint64_t count) const;
  /// Rows of a window that one thread reads and works on fastest; all, where it makes no difference.
  std::uint64_t rows_at_a_time() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npo

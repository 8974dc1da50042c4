#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/deflate.hpp"
#include "io/h5_file.hpp"
#include "io/h5_handle.hpp"
#include "io/pool.hpp"

/// Private to io/: one dataset being written.
namespace npo::h5 {

/// Throws Error(environment) for a failed write of `what`, with the operating system's reason.
[[noreturn]] void fail_write(const std::filesystem::path& path, const std::string& what);

/// Rows arrive in any order and in pieces of any length, each row once. Thread-safe, but for appending.
class Column {
 public:
  /// Chunked and compressed, or contiguous where `compression` has level 0 or there are no rows. Without
  /// `rows` the column grows as rows are appended, and is chunked at level 0 too.
  Column(hid_t file, const std::filesystem::path& path, const ColumnSpec& spec,
         std::optional<std::uint64_t> rows, Compression compression);
  hid_t id() const { return id_.get(); }
  void write(std::uint64_t first, std::uint64_t count, std::span<const std::byte> values);
  /// Adds whole rows to the end of a growing column.
  void append(std::span<const std::byte> values);
  /// Error(internal) when rows were never written, Error(environment) when the library fails.
  void close();

 private:
  struct Partial {
    std::vector<std::byte> bytes;
    std::uint64_t rows = 0;
  };

  std::uint64_t rows_in_chunk(std::uint64_t chunk) const;
  /// Asks the library where a contiguous dataset lies, so that bytes need not pass through it.
  void find_place(hid_t file);
  void write_contiguous(std::uint64_t first, std::uint64_t count, std::span<const std::byte> values);
  void write_in_chunk(std::uint64_t chunk, std::uint64_t skip, std::span<const std::byte> values);
  /// `values` are the rows of a whole chunk; the last one of a column is padded with zeros to full length.
  void write_chunk(std::uint64_t chunk, std::span<const std::byte> values);
  /// Makes room for the rows in `tail_`, at most a chunk, and writes them.
  void write_tail();

  std::filesystem::path path_;
  std::string name_;
  Handle id_;
  bool growing_;
  std::uint64_t rows_, chunk_rows_ = 0;
  std::size_t value_bytes_, width_;
  std::size_t depth_;
  int rank_;
  std::size_t row_bytes_;
  bool shuffle_ = false;
  int gzip_level_ = 0;
  int descriptor_ = -1;       ///< the library's own, of the file
  std::uint64_t offset_ = 0;  ///< of a contiguous dataset in the file
  Pool<Deflater> deflaters_;
  std::mutex mutex_;
  std::uint64_t written_ = 0;
  std::map<std::uint64_t, Partial> partial_;
  std::vector<std::byte> tail_;  ///< rows appended that do not fill a chunk yet
};

}  // namespace npo::h5

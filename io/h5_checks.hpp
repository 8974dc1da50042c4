#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/h5_file.hpp"
#include "io/h5_handle.hpp"

/// Private to io/: the strict look at a dataset before its first byte is read. A hostile or damaged file can
/// name other files, declare terabytes in a kilobyte, or ask for any plugin; all of that is refused here.
namespace npo::h5 {

/// A dataset of a file, as messages name it.
struct Place {
  hid_t file;
  const std::filesystem::path& path;
  const std::string& dataset;
};

/// Throws Error(bad_data): "<file>: dataset <name> <problem>; <remedy>".
[[noreturn]] void refuse(const Place& place, const std::string& problem, const std::string& remedy = {});

/// For a library call that failed on a file which opened: Error(environment) when the disk failed, else
/// Error(bad_data).
[[noreturn]] void fail_read(const Place& place);

/// How rows lie in the file.
struct Storage {
  DatasetInfo info;
  std::uint64_t chunk_columns = 0;  ///< values of a row in one chunk; 0 when not chunked
  std::vector<int> filters;         ///< H5Z_FILTER_* in the order they were applied
  std::uint64_t offset = 0;         ///< of contiguous data in the file, in bytes

  std::size_t value_bytes() const { return size_of(info.type, info.text_bytes); }
  std::uint64_t rows() const { return info.dims.front(); }
  /// Values of a row.
  std::uint64_t width() const {
    std::uint64_t values = 1;
    for (std::size_t axis = 1; axis < info.dims.size(); ++axis) values *= info.dims[axis];
    return values;
  }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width()) * value_bytes(); }
};

struct OpenDataset {
  Handle id;
  Storage storage;
};

/// Whether there is a link of this name. Error(bad_data) when a link on the way is soft or external.
bool link_exists(const Place& place);

/// Highest rank of our datasets, and that of those which are read chunk by chunk.
inline constexpr int max_rank = 3, max_column_rank = 2;

/// Opens a dataset that passes every check. Error(bad_data) otherwise.
OpenDataset open_dataset(const Place& place, int most_rank = max_column_rank);

/// Most bytes one chunk may hold; readers allocate whole chunks.
inline constexpr std::uint64_t max_chunk_bytes = std::uint64_t{64} << 20;
/// Widest text value.
inline constexpr std::size_t max_text_bytes = 65536;

}  // namespace npo::h5

#include "io/chunk_index.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "io/chunk_tree.hpp"
#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

/// Chunks by their place in the grid; each once.
class Grid {
 public:
  explicit Grid(const Storage& storage)
      : chunk_{storage.info.chunk_rows, storage.chunk_columns},
        columns_(count(storage.width(), storage.chunk_columns)),
        chunks_(count(storage.rows(), storage.info.chunk_rows) * columns_) {}

  std::uint64_t size() const { return chunks_.size(); }
  bool complete() const { return filled_ == chunks_.size(); }
  bool put(std::uint64_t row, std::uint64_t column, const ChunkPlace& place) {
    const std::uint64_t r = row / chunk_[0], c = column / chunk_[1];
    if (row % chunk_[0] != 0 || column % chunk_[1] != 0 || c >= columns_ || r >= chunks_.size() / columns_)
      return false;
    ChunkPlace& slot = chunks_[r * columns_ + c];
    if (slot.bytes != 0 || place.bytes == 0) return false;
    slot = place;
    ++filled_;
    return true;
  }
  std::vector<ChunkPlace> take() { return std::move(chunks_); }

 private:
  static std::uint64_t count(std::uint64_t whole, std::uint64_t part) { return (whole + part - 1) / part; }
  std::array<std::uint64_t, 2> chunk_;
  std::uint64_t columns_;
  std::vector<ChunkPlace> chunks_;
  std::uint64_t filled_ = 0;
};

/// What the direct reading relies on: addresses of eight bytes counted from the first byte of the file.
bool plain_addresses(const Place& place) {
  const Handle creation(H5Fget_create_plist(place.file), H5Pclose);
  std::size_t address = 0, length = 0;
  hsize_t user_block = 0;
  const bool known = creation.valid() && H5Pget_sizes(creation.get(), &address, &length) >= 0 &&
                     H5Pget_userblock(creation.get(), &user_block) >= 0;
  if (known && user_block > 0)
    refuse(place, "lies in a file with a user block", "write the file without one");
  return known && address == 8 && length == 8;
}

bool fill_from_tree(const Place& place, const OpenDataset& dataset, const RawFile& raw, Grid& grid) {
  H5O_info_t object;
  if (H5Oget_info2(dataset.id.get(), &object, H5O_INFO_BASIC) < 0) return false;
  const auto rank = static_cast<int>(dataset.storage.info.dims.size());
  if (!plain_addresses(place)) return false;
  const auto root = find_chunk_tree(raw, object.addr, rank);
  const auto put = [&](const TreeEntry& entry) {
    return grid.put(entry.coordinates[0], entry.coordinates[1],
                    {entry.offset, entry.bytes, entry.skipped_filters});
  };
  return root && visit_chunk_tree(raw, *root, rank, put) && grid.complete();
}

void fill_from_library(const Place& place, const OpenDataset& dataset, Grid& grid) {
  const Handle space(H5Dget_space(dataset.id.get()), H5Sclose);
  for (std::uint64_t i = 0; i < grid.size(); ++i) {
    std::array<hsize_t, 2> at{};
    unsigned skipped = 0;
    haddr_t offset = HADDR_UNDEF;
    hsize_t bytes = 0;
    if (H5Dget_chunk_info(dataset.id.get(), space.get(), i, at.data(), &skipped, &offset, &bytes) < 0)
      refuse(place, fmt::format("has a damaged chunk index: {}", take_cause().text),
             "copy or write the file again");
    if (!grid.put(at[0], at[1], {offset, bytes, skipped}))
      refuse(place, "has a damaged chunk index", "copy or write the file again");
  }
}

}  // namespace

std::vector<ChunkPlace> read_chunk_index(const Place& place, const OpenDataset& dataset, const RawFile& raw) {
  const LibraryLock lock;
  Grid grid(dataset.storage);
  if (grid.size() == 0) return {};  // a column that may grow and never did has no index yet
  if (!fill_from_tree(place, dataset, raw, grid)) {
    grid = Grid(dataset.storage);
    fill_from_library(place, dataset, grid);
  }
  auto chunks = grid.take();
  const std::uint64_t end = raw.size();
  for (std::size_t i = 0; i < chunks.size(); ++i)
    if (chunks[i].offset > end || chunks[i].bytes > end - chunks[i].offset)
      refuse(place, fmt::format("has chunk {} at byte {} of a file of {} bytes", i, chunks[i].offset, end),
             "the file is cut off: copy or write it again");
  return chunks;
}

}  // namespace npo::h5

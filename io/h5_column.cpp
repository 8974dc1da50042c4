#include "io/h5_column.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "io/h5_types.hpp"
#include "io/shuffle.hpp"
#include "io/write_all.hpp"
#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

constexpr std::uint64_t column_chunk_rows = 16384;
constexpr std::size_t wide_chunk_bytes = std::size_t{1} << 20;

/// Rows of one chunk: a power of two, so that batches of a power of two share its borders.
std::uint64_t choose_chunk_rows(std::uint64_t rows, std::size_t width, std::size_t row_bytes) {
  const std::uint64_t wide = std::bit_floor(std::max<std::uint64_t>(1, wide_chunk_bytes / row_bytes));
  return std::min(rows, width == 1 ? column_chunk_rows : wide);
}

/// Makes the groups on the way to dataset `name`. The library could, but would store the time in each.
bool make_groups(hid_t file, const std::string& name) {
  const Handle creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  if (!creation.valid() || H5Pset_obj_track_times(creation.get(), false) < 0) return false;
  for (std::size_t end = name.find('/', 1); end != std::string::npos; end = name.find('/', end + 1)) {
    const std::string group = name.substr(0, end);
    if (H5Lexists(file, group.c_str(), H5P_DEFAULT) > 0) continue;
    if (!Handle(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose).valid())
      return false;
  }
  return true;
}

[[noreturn]] void fail_write(const std::filesystem::path& path, const std::string& what, const Cause& cause) {
  throw Error(
      ErrorKind::environment, fmt::format("cannot write {} of {}: {}", what, path.string(), cause.text),
      cause.system
          ? "see that the disk has space and the folder can be written, then run the same command again"
          : "");
}

}  // namespace

void fail_write(const std::filesystem::path& path, const std::string& what) {
  fail_write(path, what, take_cause());
}

Column::Column(hid_t file, const std::filesystem::path& path, const ColumnSpec& spec,
               std::optional<std::uint64_t> rows, Compression compression)
    : path_(path),
      name_(spec.name),
      growing_(!rows),
      rows_(rows.value_or(0)),
      value_bytes_(size_of(spec.type, spec.text_bytes)),
      width_(spec.width),
      depth_(spec.depth > 0 ? spec.depth : 1),
      rank_(spec.depth > 0                    ? 3
            : spec.width == 1 && !spec.matrix ? 1
                                              : 2),
      row_bytes_(value_bytes_ * spec.width) {
  const LibraryLock lock;
  const Handle type = stored_type(spec.type, spec.text_bytes);
  if (spec.width % depth_ != 0)
    throw Error(ErrorKind::internal,
                fmt::format("{} values of {} are no table of {} columns", spec.width, spec.name, depth_));
  const std::array<hsize_t, 3> dims{rows_, spec.width / depth_, depth_};
  const std::array<hsize_t, 3> most{growing_ ? H5S_UNLIMITED : rows_, dims[1], dims[2]};
  const Handle space(H5Screate_simple(rank_, dims.data(), most.data()), H5Sclose);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  bool ready = make_groups(file, spec.name) && H5Pset_char_encoding(links.get(), H5T_CSET_UTF8) >= 0 &&
               H5Pset_obj_track_times(creation.get(), false) >= 0 &&
               H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER) >= 0;
  if (growing_ || (compression.gzip_level > 0 && rows_ > 0)) {
    chunk_rows_ = choose_chunk_rows(growing_ ? H5S_UNLIMITED : rows_, spec.width, row_bytes_);
    gzip_level_ = compression.gzip_level;
    shuffle_ = gzip_level_ > 0 && compression.shuffle && value_bytes_ > 1;
    const std::array<hsize_t, 3> chunk{chunk_rows_, dims[1], dims[2]};
    ready = ready && H5Pset_chunk(creation.get(), rank_, chunk.data()) >= 0 &&
            (!shuffle_ || H5Pset_shuffle(creation.get()) >= 0) &&
            (gzip_level_ == 0 ||
             H5Pset_deflate(creation.get(), static_cast<unsigned>(std::min(gzip_level_, 9))) >= 0);
  } else {
    ready = ready && H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY) >= 0;
  }
  if (ready)
    id_ = {H5Dcreate2(file, spec.name.c_str(), type.get(), space.get(), links.get(), creation.get(),
                      H5P_DEFAULT),
           H5Dclose};
  if (!id_.valid()) fail_write(path_, "dataset " + name_);
  if (chunk_rows_ == 0 && rows_ > 0) find_place(file);
}

void Column::find_place(hid_t file) {
  void* shared = nullptr;
  const haddr_t offset = H5Dget_offset(id_.get());
  if (offset == HADDR_UNDEF || H5Fget_vfd_handle(file, H5P_DEFAULT, &shared) < 0 || !shared)
    fail_write(path_, "dataset " + name_);
  offset_ = offset;
  descriptor_ = *static_cast<const int*>(shared);
}

std::uint64_t Column::rows_in_chunk(std::uint64_t chunk) const {
  return std::min(chunk_rows_, rows_ - chunk * chunk_rows_);
}

void Column::write(std::uint64_t first, std::uint64_t count, std::span<const std::byte> values) {
  if (first > rows_ || count > rows_ - first || values.size() != count * row_bytes_)
    throw Error(ErrorKind::internal, fmt::format("rows {} to {} do not fit dataset {} of {} rows", first,
                                                 first + count, name_, rows_));
  if (count == 0) return;
  if (chunk_rows_ == 0) return write_contiguous(first, count, values);
  for (std::uint64_t row = first; row < first + count;) {
    const std::uint64_t chunk = row / chunk_rows_, skip = row % chunk_rows_;
    const std::uint64_t here = std::min(first + count - row, rows_in_chunk(chunk) - skip);
    write_in_chunk(chunk, skip, values.subspan((row - first) * row_bytes_, here * row_bytes_));
    row += here;
  }
}

void Column::write_contiguous(std::uint64_t first, std::uint64_t count, std::span<const std::byte> values) {
  // Without the library's lock: copying into the page cache is most of the work of a writer, and may wait.
  if (!write_all(descriptor_, values, offset_ + first * row_bytes_))
    fail_write(path_, "dataset " + name_, {std::generic_category().message(errno), true});
  const std::lock_guard lock(mutex_);
  written_ += count;
}

void Column::write_in_chunk(std::uint64_t chunk, std::uint64_t skip, std::span<const std::byte> values) {
  const std::uint64_t whole = rows_in_chunk(chunk);
  if (values.size() == whole * row_bytes_) return write_chunk(chunk, values);
  std::vector<std::byte> complete;
  {
    const std::lock_guard lock(mutex_);
    Partial& partial = partial_[chunk];
    partial.bytes.resize(whole * row_bytes_);
    std::memcpy(partial.bytes.data() + skip * row_bytes_, values.data(), values.size());
    partial.rows += values.size() / row_bytes_;
    if (partial.rows < whole) return;
    complete = std::move(partial.bytes);
    partial_.erase(chunk);
  }
  write_chunk(chunk, complete);
}

void Column::write_chunk(std::uint64_t chunk, std::span<const std::byte> values) {
  const std::size_t full = chunk_rows_ * row_bytes_;
  std::vector<std::byte> padded, planes;
  std::span<const std::byte> bytes = values;
  if (bytes.size() < full) {
    padded.assign(bytes.begin(), bytes.end());
    padded.resize(full);
    bytes = padded;
  }
  if (shuffle_) {
    planes.resize(full);
    shuffle(bytes, value_bytes_, planes);
    bytes = planes;
  }
  std::vector<std::byte> stream;
  if (gzip_level_ > 0) {
    stream = deflaters_.borrow([this] { return Deflater(gzip_level_); })->compress(bytes);
    bytes = stream;
  }
  const LibraryLock lock;
  const std::array<hsize_t, 3> offset{chunk * chunk_rows_, 0, 0};
  if (H5Dwrite_chunk(id_.get(), H5P_DEFAULT, 0, offset.data(), bytes.size(), bytes.data()) < 0)
    fail_write(path_, "dataset " + name_);
  written_ += rows_in_chunk(chunk);
}

void Column::append(std::span<const std::byte> values) {
  if (!growing_ || values.size() % row_bytes_ != 0)
    throw Error(ErrorKind::internal,
                fmt::format("{} bytes cannot be appended to dataset {}", values.size(), name_));
  const std::size_t full = chunk_rows_ * row_bytes_;
  while (!values.empty()) {
    const auto piece = values.first(std::min(values.size(), full - tail_.size()));
    tail_.insert(tail_.end(), piece.begin(), piece.end());
    values = values.subspan(piece.size());
    if (tail_.size() == full) write_tail();
  }
}

void Column::write_tail() {
  const std::uint64_t chunk = rows_ / chunk_rows_;
  rows_ += tail_.size() / row_bytes_;
  {
    const LibraryLock lock;
    const std::array<hsize_t, 3> dims{rows_, width_ / depth_, depth_};
    if (H5Dset_extent(id_.get(), dims.data()) < 0) fail_write(path_, "dataset " + name_);
  }
  write_chunk(chunk, tail_);
  tail_.clear();
}

void Column::close() {
  const LibraryLock lock;
  if (!tail_.empty()) write_tail();
  if (written_ != rows_)
    throw Error(ErrorKind::internal, fmt::format("{} of {} rows of dataset {} of {} were written", written_,
                                                 rows_, name_, path_.string()));
  if (!id_.close()) fail_write(path_, "dataset " + name_);
}

}  // namespace npo::h5

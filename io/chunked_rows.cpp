#include "io/chunked_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

constexpr std::size_t most_cached_bytes = std::size_t{16} << 20;

}  // namespace

ChunkedRows::ChunkedRows(const Place& place, const OpenDataset& dataset, const RawFile& raw)
    : dataset_(place.dataset),
      storage_(dataset.storage),
      columns_((storage_.width() + storage_.chunk_columns - 1) / storage_.chunk_columns),
      band_bytes_(storage_.info.chunk_rows * storage_.row_bytes()),
      chunks_(read_chunk_index(place, dataset, raw)),
      decoder_(storage_.filters, storage_.value_bytes(),
               storage_.info.chunk_rows * storage_.chunk_columns * storage_.value_bytes()),
      most_cached_(
          std::clamp<std::size_t>(most_cached_bytes / std::max<std::size_t>(1, band_bytes_), 2, 256)) {
  if (band_bytes_ > 4 * max_chunk_bytes)
    refuse(place,
           fmt::format("keeps {} rows of {} bytes in each row of chunks, too many", storage_.info.chunk_rows,
                       storage_.row_bytes()),
           "write it with chunks that hold whole rows, about 1 MiB each");
}

std::uint64_t ChunkedRows::rows_in(std::uint64_t band) const {
  return std::min(storage_.info.chunk_rows, storage_.rows() - band * storage_.info.chunk_rows);
}

void ChunkedRows::decode_band(const RawFile& raw, std::uint64_t band, std::span<std::byte> out) const {
  auto scratch = scratch_.borrow([] { return ChunkDecoder::Scratch(); });
  const auto decode = [&](std::uint64_t column, std::span<std::byte> to) {
    const std::uint64_t chunk = band * columns_ + column;
    if (const auto problem = decoder_.decode(raw, chunks_[chunk], *scratch, to))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: dataset {}: chunk {} (row {}) {}", raw.path().string(), dataset_, chunk,
                              band * storage_.info.chunk_rows, *problem),
                  "the file is damaged: copy or write it again");
  };
  if (storage_.chunk_columns == storage_.width()) return decode(0, out);
  const std::size_t chunk_row = storage_.chunk_columns * storage_.value_bytes(), row = storage_.row_bytes();
  Buffer part(storage_.info.chunk_rows * chunk_row);
  for (std::uint64_t column = 0; column < columns_; ++column) {
    decode(column, part.span());
    const std::size_t start = column * chunk_row, here = std::min(chunk_row, row - start);
    for (std::uint64_t r = 0; r < storage_.info.chunk_rows; ++r)
      std::memcpy(out.data() + r * row + start, part.data() + r * chunk_row, here);
  }
}

std::shared_ptr<ChunkedRows::Band> ChunkedRows::find_or_insert(std::uint64_t band) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find(recent_, band, &std::pair<std::uint64_t, std::shared_ptr<Band>>::first);
  if (found != recent_.end()) {
    std::rotate(found, found + 1, recent_.end());
  } else {
    if (recent_.size() >= most_cached_) recent_.erase(recent_.begin());
    recent_.emplace_back(band, std::make_shared<Band>());
  }
  return recent_.back().second;
}

std::shared_ptr<ChunkedRows::Band> ChunkedRows::cached_band(const RawFile& raw, std::uint64_t band) const {
  auto entry = find_or_insert(band);
  const std::lock_guard lock(entry->mutex);
  if (!entry->ready) {
    if (entry->rows.size() == 0) entry->rows = Buffer(band_bytes_);
    decode_band(raw, band, entry->rows.span());
    entry->ready = true;
  }
  return entry;
}

RowWindow ChunkedRows::read(const RawFile& raw, std::uint64_t first, std::uint64_t count) const {
  const std::uint64_t chunk_rows = storage_.info.chunk_rows;
  const std::size_t row = storage_.row_bytes();
  if (first / chunk_rows == (first + count - 1) / chunk_rows && count < chunk_rows) {
    const auto band = cached_band(raw, first / chunk_rows);
    return {band->rows.span().subspan(first % chunk_rows * row, count * row), band};
  }
  auto out = std::make_shared<Buffer>(count * row);
  for (std::uint64_t at = first; at < first + count;) {
    const std::uint64_t band = at / chunk_rows, skip = at % chunk_rows;
    const std::uint64_t here = std::min(first + count - at, rows_in(band) - skip);
    const auto part = out->span().subspan((at - first) * row, here * row);
    if (here == chunk_rows)
      decode_band(raw, band, part);
    else
      std::memcpy(part.data(), cached_band(raw, band)->rows.data() + skip * row, part.size());
    at += here;
  }
  const std::span<const std::byte> bytes = out->span();
  return {bytes, std::move(out)};
}

}  // namespace npo::h5

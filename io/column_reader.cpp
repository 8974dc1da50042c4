#include "io/column_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "io/chunked_rows.hpp"
#include "io/contiguous_rows.hpp"
#include "kernels/error.hpp"

namespace npo {

struct ColumnReader::Impl {
  RawFile raw;
  std::string dataset;
  h5::Storage storage;
  std::optional<h5::ChunkedRows> chunked;
  std::optional<h5::ContiguousRows> contiguous;

  Impl(const h5::ReadFile& file, const std::string& name) : raw(file), dataset(name) {
    const h5::LibraryLock lock;
    const h5::Place place{file.handle(), raw.path(), dataset};
    const h5::OpenDataset open = h5::open_dataset(place);
    storage = open.storage;
    if (storage.info.chunked)
      chunked.emplace(place, open, raw);
    else
      contiguous.emplace(place, storage, raw);
  }
};

ColumnReader::ColumnReader(const h5::ReadFile& file, const std::string& dataset)
    : impl_(std::make_unique<Impl>(file, dataset)) {}
ColumnReader::~ColumnReader() = default;
ColumnReader::ColumnReader(ColumnReader&&) noexcept = default;
ColumnReader& ColumnReader::operator=(ColumnReader&&) noexcept = default;

std::uint64_t ColumnReader::rows() const {
  return impl_->storage.rows();
}
std::size_t ColumnReader::row_bytes() const {
  return impl_->storage.row_bytes();
}
const h5::DatasetInfo& ColumnReader::info() const {
  return impl_->storage.info;
}

RowWindow ColumnReader::read(std::uint64_t first, std::uint64_t count) const {
  if (first > rows() || count > rows() - first)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: dataset {} has {} rows, but rows {} to {} were asked for",
                            impl_->raw.path().string(), impl_->dataset, rows(), first, first + count));
  if (count == 0) return {};
  return impl_->chunked ? impl_->chunked->read(impl_->raw, first, count)
                        : impl_->contiguous->read(impl_->raw, first, count);
}

std::uint64_t ColumnReader::rows_at_a_time() const {
  return impl_->contiguous ? impl_->contiguous->rows_at_a_time() : std::max<std::uint64_t>(1, rows());
}

}  // namespace npo

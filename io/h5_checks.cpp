#include "io/h5_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/h5_types.hpp"
#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

constexpr const char* write_plain =
    "write it as a plain contiguous or chunked dataset (in h5py: create_dataset(name, data=array))";

template <class Result>
Result sound(const Place& place, Result result) {
  if (result < 0) fail_read(place);
  return result;
}

void require_hard(const Place& place, const std::string& prefix) {
  H5L_info_t link;
  sound(place, H5Lget_info(place.file, prefix.c_str(), &link, H5P_DEFAULT));
  if (link.type == H5L_TYPE_HARD) return;
  const char* kind = link.type == H5L_TYPE_SOFT ? "a soft link" : "a link to another file";
  refuse(place, fmt::format("is reached through {} ('{}'), which is not followed", kind, prefix),
         "store the data in the file itself");
}

void check_type(const Place& place, hid_t dataset, DatasetInfo& info) {
  const Handle type(sound(place, H5Dget_type(dataset)), H5Tclose);
  const auto found = find_type(type.get());
  if (!found)
    refuse(
        place, fmt::format("holds {}, which npo does not read", describe_foreign(type.get())),
        "store uint8, uint16, uint32, uint64, int64, float32, float64 (little-endian) or fixed-length text");
  if (found->text_bytes > max_text_bytes)
    refuse(place,
           fmt::format("holds text of {} bytes, above the limit of {}", found->text_bytes, max_text_bytes));
  info.type = found->type;
  info.text_bytes = found->text_bytes;
}

void check_shape(const Place& place, hid_t dataset, int most_rank, DatasetInfo& info) {
  const Handle space(sound(place, H5Dget_space(dataset)), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 1 || rank > most_rank)
    refuse(place, fmt::format("has rank {}, expected 1 to {}", rank, most_rank));
  std::array<hsize_t, max_rank> dims{0, 1, 1};
  sound(place, H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr));
  info.dims.assign(dims.begin(), dims.begin() + rank);
  const auto value = static_cast<std::uint64_t>(size_of(info.type, info.text_bytes));
  const std::uint64_t most = (std::uint64_t{1} << 24) / value;
  if (dims[1] == 0 || dims[2] == 0 || dims[1] > most || dims[2] > most / dims[1])
    refuse(place, rank == 3
                      ? fmt::format("has rows of {} x {} values, expected 1 to {}", dims[1], dims[2], most)
                      : fmt::format("has rows of {} values, expected 1 to {}", dims[1], most));
  const std::uint64_t row = value * dims[1] * dims[2];
  if (dims[0] > (std::uint64_t{1} << 60) / row)
    refuse(place, fmt::format("declares {} rows, which cannot be", dims[0]));
}

void check_filters(const Place& place, hid_t creation, Storage& storage) {
  const int count = sound(place, H5Pget_nfilters(creation));
  for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    std::array<char, 64> name{};
    const int filter = sound(
        place, H5Pget_filter2(creation, i, &flags, &values, nullptr, name.size(), name.data(), &config));
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
      refuse(place, fmt::format("uses filter {} ({})", filter, name.front() ? name.data() : "unnamed"),
             "compress with gzip, with or without shuffle and fletcher32");
    storage.filters.push_back(filter);
  }
}

std::uint64_t file_bytes(const Place& place) {
  hsize_t size = 0;
  sound(place, H5Fget_filesize(place.file, &size));
  return size;
}

void check_contiguous(const Place& place, hid_t dataset, hid_t creation, Storage& storage) {
  if (sound(place, H5Pget_external_count(creation)) > 0)
    refuse(place, "keeps its data in another file, which is not followed", write_plain);
  const std::uint64_t bytes = storage.rows() * storage.row_bytes();
  if (bytes == 0) return;
  const haddr_t offset = H5Dget_offset(dataset);
  if (offset == HADDR_UNDEF) refuse(place, "was declared but never written", "write the file again");
  if (const std::uint64_t size = file_bytes(place); offset > size || bytes > size - offset)
    refuse(place, fmt::format("ends at byte {} of a file of {} bytes", offset + bytes, size),
           "the file is cut off: copy or write it again");
  storage.offset = offset;
}

void check_chunked(const Place& place, hid_t dataset, hid_t creation, Storage& storage) {
  std::array<hsize_t, max_rank> chunk{1, 1, 1};
  const auto rank = static_cast<int>(storage.info.dims.size());
  if (H5Pget_chunk(creation, rank, chunk.data()) != rank)
    refuse(place, "has chunks of another rank than itself");
  const auto value = storage.value_bytes();
  if (chunk[0] == 0 || chunk[1] == 0 || chunk[2] == 0 || chunk[0] > max_chunk_bytes ||
      chunk[1] > max_chunk_bytes / chunk[0] / value ||
      chunk[2] > max_chunk_bytes / chunk[0] / chunk[1] / value)
    refuse(place,
           fmt::format("has chunks of {} x {} values, above the limit of {} MiB", chunk[0],
                       chunk[1] * chunk[2], max_chunk_bytes >> 20),
           "write it with chunks of about 1 MiB");
  storage.info.chunked = true;
  storage.info.chunk_rows = chunk[0];
  const auto& dims = storage.info.dims;
  if (rank == 3 && (chunk[1] != dims[1] || chunk[2] != dims[2]))
    refuse(place, "has chunks that cut its rows", "write it with chunks of whole rows");
  storage.chunk_columns = chunk[1] * chunk[2];
  check_filters(place, creation, storage);
  const std::uint64_t bytes = storage.rows() * storage.row_bytes();
  if (bytes == 0) return;
  hsize_t stored = 0;
  const Handle space(sound(place, H5Dget_space(dataset)), H5Sclose);
  sound(place, H5Dget_num_chunks(dataset, space.get(), &stored));
  const auto pieces = [](std::uint64_t whole, std::uint64_t part) { return (whole + part - 1) / part; };
  if (stored != pieces(storage.rows(), chunk[0]) * pieces(storage.width(), storage.chunk_columns))
    refuse(place, "was declared but not all of it was written", "write the file again");
  // Deflate cannot shrink data to less than 1/1032 of its size.
  if (bytes / 1040 > file_bytes(place))
    refuse(place,
           fmt::format("declares {} bytes, which a file of {} bytes cannot hold", bytes, file_bytes(place)));
}

}  // namespace

void refuse(const Place& place, const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::bad_data,
              fmt::format("{}: dataset {} {}", place.path.string(), place.dataset, problem), remedy);
}

void fail_read(const Place& place) {
  const Cause cause = take_cause();
  if (cause.system)
    throw Error(ErrorKind::environment, fmt::format("cannot read dataset {} of {}: {}", place.dataset,
                                                    place.path.string(), cause.text));
  refuse(place, fmt::format("is damaged: {}", cause.text), "copy or write the file again");
}

bool link_exists(const Place& place) {
  const std::string& name = place.dataset;
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (end > start) {
      const std::string prefix = name.substr(0, end);
      if (H5Lexists(place.file, prefix.c_str(), H5P_DEFAULT) <= 0) return false;
      require_hard(place, prefix);
    }
    start = end + 1;
  }
  return true;
}

OpenDataset open_dataset(const Place& place, int most_rank) {
  if (!link_exists(place))
    refuse(place, "is missing", "check that the file is of the right kind and complete");
  H5O_info_t object;
  sound(place, H5Oget_info_by_name2(place.file, place.dataset.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT));
  if (object.type != H5O_TYPE_DATASET) refuse(place, "is not a dataset");
  OpenDataset open{{sound(place, H5Dopen2(place.file, place.dataset.c_str(), H5P_DEFAULT)), H5Dclose}, {}};
  const Handle creation(sound(place, H5Dget_create_plist(open.id.get())), H5Pclose);
  check_type(place, open.id.get(), open.storage.info);
  check_shape(place, open.id.get(), most_rank, open.storage.info);
  switch (H5Pget_layout(creation.get())) {
    case H5D_CONTIGUOUS:
      check_contiguous(place, open.id.get(), creation.get(), open.storage);
      break;
    case H5D_CHUNKED:
      check_chunked(place, open.id.get(), creation.get(), open.storage);
      break;
    case H5D_VIRTUAL:
      refuse(place, "is virtual: its data lies in other files", write_plain);
    case H5D_COMPACT:
      refuse(place, "has compact layout", write_plain);
    default:
      refuse(place, "has an unknown layout", write_plain);
  }
  return open;
}

}  // namespace npo::h5

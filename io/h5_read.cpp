#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <numeric>
#include <system_error>

#include "io/atomic_file.hpp"
#include "io/h5_checks.hpp"
#include "io/h5_file.hpp"
#include "io/h5_types.hpp"
#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

void require_readable(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw Error(ErrorKind::environment, fmt::format("no such file: {}", path.string()), "check the path");
  if (std::filesystem::is_directory(path, error))
    throw Error(ErrorKind::environment, fmt::format("{} is a folder, expected a file", path.string()));
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(ErrorKind::environment, fmt::format("{} is not a regular file", path.string()),
                "HDF5 is read at any place, so it cannot come through a pipe");
  if (::access(path.c_str(), R_OK) == 0) return;
  const int cause = errno;
  throw Error(ErrorKind::environment,
              fmt::format("cannot read {}: {}", path.string(), std::generic_category().message(cause)),
              reading_remedy(cause));
}

/// Files are never changed in place, so locks protect nothing, and some file systems refuse them.
Handle read_access(const std::filesystem::path& path) {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (!access.valid() || H5Pset_file_locking(access.get(), false, true) < 0)
    throw Error(ErrorKind::internal,
                fmt::format("cannot prepare to open {}: {}", path.string(), take_cause().text));
  return access;
}

[[noreturn]] void refuse_attribute(const std::filesystem::path& path, const std::string& name,
                                   const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: attribute {} {}", path.string(), name, problem), remedy);
}

struct Attribute {
  Handle id, type;
};

/// An attribute of the root group that holds one value.
Attribute open_attribute(hid_t file, const std::filesystem::path& path, const std::string& name) {
  if (H5Aexists(file, name.c_str()) <= 0)
    refuse_attribute(path, name, "is missing", "check that the file is of the right kind");
  Attribute attribute{{H5Aopen(file, name.c_str(), H5P_DEFAULT), H5Aclose}, {}};
  if (attribute.id.valid()) attribute.type = {H5Aget_type(attribute.id.get()), H5Tclose};
  const Handle space(attribute.id.valid() ? H5Aget_space(attribute.id.get()) : -1, H5Sclose);
  if (!attribute.type.valid() || !space.valid())
    refuse_attribute(path, name, fmt::format("is damaged: {}", take_cause().text), "write the file again");
  if (H5Sget_simple_extent_npoints(space.get()) != 1)
    refuse_attribute(path, name, "does not hold exactly one value", "store a scalar");
  return attribute;
}

std::uint64_t count_of(const std::vector<std::uint64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::uint64_t{1}, std::multiplies<>());
}

}  // namespace

ReadFile::ReadFile(const std::filesystem::path& path) : path_(path) {
  require_readable(path);
  const LibraryLock lock;
  const Handle access = read_access(path);
  if (H5Fis_hdf5(path.c_str()) == 0)
    throw Error(ErrorKind::bad_data, fmt::format("{} is not an HDF5 file", path.string()), "check the path");
  file_ = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get());
  if (file_ >= 0) return;
  const Cause cause = take_cause();
  if (cause.system)
    throw Error(ErrorKind::environment, fmt::format("cannot open {}: {}", path.string(), cause.text));
  throw Error(ErrorKind::bad_data, fmt::format("{} is a damaged HDF5 file: {}", path.string(), cause.text),
              "copy or write it again");
}

ReadFile::~ReadFile() {
  Handle(file_, H5Fclose).close();
}
ReadFile::ReadFile(ReadFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}
ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  return *this;
}

bool ReadFile::has(const std::string& dataset) const {
  const LibraryLock lock;
  return link_exists({file_, path_, dataset});
}

bool ReadFile::has_attribute(const std::string& name) const {
  const LibraryLock lock;
  return H5Aexists(file_, name.c_str()) > 0;
}

std::string ReadFile::text_attribute(const std::string& name) const {
  const LibraryLock lock;
  const Attribute attribute = open_attribute(file_, path_, name);
  const auto found = find_type(attribute.type.get());
  if (!found || found->type != Type::text)
    refuse_attribute(
        path_, name,
        fmt::format("holds {}, expected fixed-length text", describe_foreign(attribute.type.get())),
        "in h5py store numpy.bytes_(text)");
  constexpr std::size_t most_bytes = std::size_t{64} << 20;
  if (found->text_bytes > most_bytes)
    refuse_attribute(path_, name, fmt::format("holds {} bytes", found->text_bytes),
                     "it can be no text of ours");
  std::string text(found->text_bytes, '\0');
  if (H5Aread(attribute.id.get(), attribute.type.get(), text.data()) < 0)
    refuse_attribute(path_, name, fmt::format("cannot be read: {}", take_cause().text),
                     "write the file again");
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

std::int64_t ReadFile::int_attribute(const std::string& name) const {
  const LibraryLock lock;
  const Attribute attribute = open_attribute(file_, path_, name);
  if (H5Tget_class(attribute.type.get()) != H5T_INTEGER)
    refuse_attribute(path_, name,
                     fmt::format("holds {}, expected an integer", describe_foreign(attribute.type.get())),
                     "store an int64");
  std::int64_t value = 0;
  if (H5Aread(attribute.id.get(), H5T_NATIVE_INT64, &value) < 0)
    refuse_attribute(path_, name, fmt::format("cannot be read: {}", take_cause().text),
                     "write the file again");
  return value;
}

DatasetInfo ReadFile::info(const std::string& dataset) const {
  const LibraryLock lock;
  return open_dataset({file_, path_, dataset}, max_rank).storage.info;
}

std::vector<std::string> ReadFile::members(const std::string& group) const {
  const LibraryLock lock;
  const Place place{file_, path_, group};
  if (!link_exists(place))
    refuse(place, "is missing", "check that the file is of the right kind and complete");
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  const Handle id(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!id.valid() || H5Literate(id.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &names) < 0)
    fail_read(place);
  std::sort(names.begin(), names.end());
  return names;
}

void ReadFile::read(const std::string& dataset, std::uint64_t first, std::uint64_t count,
                    std::span<std::byte> out) const {
  const LibraryLock lock;
  const Place place{file_, path_, dataset};
  const OpenDataset open = open_dataset(place, max_rank);
  const auto& dims = open.storage.info.dims;
  if (first > dims[0] || count > dims[0] - first)
    refuse(place,
           fmt::format("has {} rows, but rows {} to {} were asked for", dims[0], first, first + count));
  if (out.size() < count * open.storage.row_bytes())
    throw Error(ErrorKind::internal, fmt::format("no room for {} rows of dataset {}", count, dataset));
  if (count == 0) return;
  const std::array<hsize_t, max_rank> start{first, 0, 0};
  std::array<hsize_t, max_rank> extent{count, 1, 1};
  std::copy(dims.begin() + 1, dims.end(), extent.begin() + 1);
  const Handle type(H5Dget_type(open.id.get()), H5Tclose);
  const Handle file_space(H5Dget_space(open.id.get()), H5Sclose);
  const Handle memory_space(H5Screate_simple(static_cast<int>(dims.size()), extent.data(), nullptr),
                            H5Sclose);
  const bool done =
      H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr) >=
          0 &&
      H5Dread(open.id.get(), type.get(), memory_space.get(), file_space.get(), H5P_DEFAULT, out.data()) >= 0;
  if (!done)
    refuse(place, fmt::format("cannot be read: {}", take_cause().text),
           "the file is damaged: copy or write it again");
}

template <class T>
std::vector<T> ReadFile::read_all(const std::string& dataset) const {
  const DatasetInfo found = info(dataset);
  if (found.type != type_for<T>())
    refuse({file_, path_, dataset},
           fmt::format("holds {}, expected {}", type_name(found.type, found.text_bytes),
                       type_name(type_for<T>())));
  std::vector<T> values(count_of(found.dims));
  read(dataset, 0, found.dims[0], std::as_writable_bytes(std::span(values)));
  return values;
}
template std::vector<std::uint8_t> ReadFile::read_all(const std::string&) const;
template std::vector<std::uint16_t> ReadFile::read_all(const std::string&) const;
template std::vector<std::uint32_t> ReadFile::read_all(const std::string&) const;
template std::vector<std::uint64_t> ReadFile::read_all(const std::string&) const;
template std::vector<std::int64_t> ReadFile::read_all(const std::string&) const;
template std::vector<float> ReadFile::read_all(const std::string&) const;
template std::vector<double> ReadFile::read_all(const std::string&) const;

std::vector<std::string> ReadFile::read_text(const std::string& dataset) const {
  const DatasetInfo found = info(dataset);
  if (found.type != Type::text || found.dims.size() != 1)
    refuse({file_, path_, dataset}, fmt::format("holds {}, expected one fixed-length text a row",
                                                type_name(found.type, found.text_bytes)));
  std::string bytes(found.dims[0] * found.text_bytes, '\0');
  read(dataset, 0, found.dims[0], std::as_writable_bytes(std::span(bytes)));
  std::vector<std::string> texts(found.dims[0]);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view value = std::string_view(bytes).substr(i * found.text_bytes, found.text_bytes);
    texts[i] = value.substr(0, value.find('\0'));
  }
  return texts;
}

void ReadFile::require_format(const std::string& name, int version) const {
  if (!has_attribute("format"))
    throw Error(ErrorKind::bad_data,
                fmt::format("{} has no attribute 'format', so it is not a file of npo", path_.string()),
                fmt::format("expected format '{}'", name));
  if (const std::string found = text_attribute("format"); found != name)
    throw Error(ErrorKind::bad_data, fmt::format("{} is of format '{}'", path_.string(), found),
                fmt::format("expected a file of format '{}'", name));
  if (const std::int64_t found = int_attribute("format_version"); found != version)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} has version {} of format '{}'", path_.string(), found, name),
                fmt::format("this program reads version {}; write the file again with it", version));
}

}  // namespace npo::h5

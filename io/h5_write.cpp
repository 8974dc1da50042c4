#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <ranges>

#include <hdf5_hl.h>

#include "io/h5_column.hpp"
#include "io/h5_file.hpp"
#include "io/h5_types.hpp"
#include "io/version.hpp"
#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo::h5 {
namespace {

/// The format of HDF5 1.8, which every reader knows: its metadata carries checksums, so that damage is
/// noticed. Large contiguous data starts on a large page, and so do its
/// megabytes in the page cache, so that a mapping of it costs few page faults (a third more bytes a second).
Handle create_file(const std::filesystem::path& path) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  constexpr hsize_t large = 32 << 20, large_page = 2 << 20;
  const bool prepared = access.valid() && creation.valid() &&
                        H5Pset_alignment(access.get(), large, large_page) >= 0 &&
                        H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
                        H5Pset_file_locking(access.get(), false, true) >= 0 &&
                        H5Pset_obj_track_times(creation.get(), false) >= 0;
  Handle file(prepared ? H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()) : -1, H5Fclose);
  if (!file.valid()) fail_write(path, "the file");
  return file;
}

/// Writes one attribute of an object, whatever its type.
void put_attribute(hid_t object, const std::filesystem::path& path, const std::string& name, hid_t type,
                   hid_t space, const void* value) {
  Handle attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!attribute.valid() || H5Awrite(attribute.get(), type, value) < 0 || !attribute.close())
    fail_write(path, "attribute " + name);
}

void put_text(hid_t object, const std::filesystem::path& path, const std::string& name,
              const std::string& text) {
  const Handle type = stored_type(Type::text, std::max<std::size_t>(1, text.size()));
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  put_attribute(object, path, name, type.get(), space.get(), text.c_str());
}

/// CF conventions: flag_values of the column's own type beside the words they stand for.
template <class T>
void put_flag_values(hid_t object, const std::filesystem::path& path, const ColumnSpec& spec) {
  std::vector<T> values;
  for (const auto& [value, word] : spec.flags) values.push_back(static_cast<T>(value));
  const hsize_t count = values.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Handle type = stored_type(type_for<T>(), 0);
  put_attribute(object, path, "flag_values", type.get(), space.get(), values.data());
}

void put_flags(hid_t object, const std::filesystem::path& path, const ColumnSpec& spec) {
  std::string meanings;
  for (const auto& [value, word] : spec.flags) meanings += meanings.empty() ? word : " " + word;
  put_text(object, path, "flag_meanings", meanings);
  switch (spec.type) {
    case Type::u8:
      return put_flag_values<std::uint8_t>(object, path, spec);
    case Type::u16:
      return put_flag_values<std::uint16_t>(object, path, spec);
    case Type::u32:
      return put_flag_values<std::uint32_t>(object, path, spec);
    default:
      throw Error(ErrorKind::internal,
                  fmt::format("column {} has flags, but is no column of codes", spec.name));
  }
}

}  // namespace

struct WriteFile::Impl {
  std::filesystem::path path;
  Compression compression;
  Handle file;
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Column>> columns;

  Column& column(const std::string& name) {
    const std::lock_guard lock(mutex);
    const auto found = columns.find(name);
    if (found == columns.end())
      throw Error(ErrorKind::internal, fmt::format("no column {} was created", name));
    return *found->second;
  }

  void create(const ColumnSpec& spec, std::optional<std::uint64_t> rows) {
    const LibraryLock lock;
    auto made = std::make_unique<Column>(file.get(), path, spec, rows, compression);
    const hid_t id = made->id();
    if (!spec.units.empty()) put_text(id, path, "units", spec.units);
    if (!spec.long_name.empty()) put_text(id, path, "long_name", spec.long_name);
    if (!spec.flags.empty()) put_flags(id, path, spec);
    const std::lock_guard guard(mutex);
    columns[spec.name] = std::move(made);
  }
};

WriteFile::WriteFile(const std::filesystem::path& path, Compression compression) {
  const LibraryLock lock;
  impl_ = new Impl{
      .path = path, .compression = compression, .file = create_file(path), .mutex = {}, .columns = {}};
}

WriteFile::~WriteFile() {
  const LibraryLock lock;
  delete impl_;
}
WriteFile::WriteFile(WriteFile&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
WriteFile& WriteFile::operator=(WriteFile&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

void WriteFile::attribute(const std::string& name, const std::string& text) {
  const LibraryLock lock;
  put_text(impl_->file.get(), impl_->path, name, text);
}

void WriteFile::attribute(const std::string& name, std::int64_t value) {
  const LibraryLock lock;
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  put_attribute(impl_->file.get(), impl_->path, name, H5T_STD_I64LE, space.get(), &value);
}

void WriteFile::format(const std::string& name, int format_version) {
  attribute("format", name);
  attribute("format_version", std::int64_t{format_version});
  attribute("npo_version", std::string(program_version()));
  attribute("numeric_contract", std::int64_t{numeric_contract_version});
}

void WriteFile::create(const ColumnSpec& spec, std::uint64_t rows) {
  impl_->create(spec, rows);
}
void WriteFile::create_growing(const ColumnSpec& spec) {
  impl_->create(spec, std::nullopt);
}

void WriteFile::write(const std::string& dataset, std::uint64_t first, std::uint64_t count,
                      std::span<const std::byte> values) {
  impl_->column(dataset).write(first, count, values);
}

void WriteFile::append(const std::string& dataset, std::span<const std::byte> values) {
  impl_->column(dataset).append(values);
}

template <class T>
void WriteFile::column(const ColumnSpec& spec, std::span<const T> values) {
  if (spec.type != type_for<T>() || values.size() % spec.width != 0)
    throw Error(ErrorKind::internal, fmt::format("column {} does not fit its values", spec.name));
  const std::uint64_t rows = values.size() / spec.width;
  create(spec, rows);
  write(spec.name, 0, rows, std::as_bytes(values));
}
template void WriteFile::column(const ColumnSpec&, std::span<const std::uint8_t>);
template void WriteFile::column(const ColumnSpec&, std::span<const std::uint16_t>);
template void WriteFile::column(const ColumnSpec&, std::span<const std::uint32_t>);
template void WriteFile::column(const ColumnSpec&, std::span<const std::uint64_t>);
template void WriteFile::column(const ColumnSpec&, std::span<const std::int64_t>);
template void WriteFile::column(const ColumnSpec&, std::span<const float>);
template void WriteFile::column(const ColumnSpec&, std::span<const double>);

void WriteFile::text_column(ColumnSpec spec, std::span<const std::string> values) {
  std::size_t longest = 1;
  for (const auto& value : values) longest = std::max(longest, value.size());
  spec.type = Type::text;
  if (spec.text_bytes == 0) spec.text_bytes = longest;
  if (longest > spec.text_bytes)
    throw Error(ErrorKind::internal, fmt::format("a text of {} bytes does not fit column {} of {} bytes",
                                                 longest, spec.name, spec.text_bytes));
  std::vector<std::byte> bytes(values.size() * spec.text_bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::ranges::copy(std::as_bytes(std::span(values[i])),
                      bytes.begin() + static_cast<std::ptrdiff_t>(i * spec.text_bytes));
  create(spec, values.size());
  write(spec.name, 0, values.size(), bytes);
}

void WriteFile::attach_scale(const std::string& dataset, int axis, const std::string& scale) {
  const LibraryLock lock;
  const hid_t scale_id = impl_->column(scale).id(), id = impl_->column(dataset).id();
  const std::string name = scale.substr(scale.rfind('/') + 1);
  const bool is_scale = H5DSis_scale(scale_id) > 0 || H5DSset_scale(scale_id, name.c_str()) >= 0;
  const bool attach = dataset != scale;
  if (!is_scale || (attach && H5DSattach_scale(id, scale_id, static_cast<unsigned>(axis)) < 0))
    fail_write(impl_->path, "the dimension scale of " + dataset);
}

void WriteFile::close() {
  const LibraryLock lock;
  for (auto& [name, column] : impl_->columns) column->close();
  if (H5Fflush(impl_->file.get(), H5F_SCOPE_LOCAL) < 0 || !impl_->file.close())
    fail_write(impl_->path, "the file");
}

}  // namespace npo::h5

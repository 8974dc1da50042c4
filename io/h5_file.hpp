#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// HDF5 behind a strict, checked face: fixed-size integers, floats and null-padded UTF-8 text only, every
/// return code looked at, every call serialised by one lock. Files open at once in h5py, xarray, Julia and
/// MATLAB.
namespace npo::h5 {

enum class Type { u8, u16, u32, u64, i64, f32, f64, text };

struct Compression {
  int gzip_level = 1;  ///< 0: contiguous and uncompressed
  bool shuffle = true;
};

/// What a column is, apart from its values.
struct ColumnSpec {
  std::string name;  ///< full path, for example "decisions/score"
  Type type = Type::f32;
  std::size_t text_bytes = 0;  ///< width of a text column
  std::size_t width = 1;       ///< 1: one value a row (rank 1); above: a row of `width` values (rank 2)
  bool matrix = false;         ///< rank 2 even where the width is 1
  std::size_t depth = 0;       ///< above 0: rank 3, a row is a table of width / depth rows by depth values
  std::string units{}, long_name{};
  std::vector<std::pair<int, std::string>> flags{};  ///< CF flag_values and flag_meanings of a code column
};

/// Bytes of one value.
std::size_t size_of(Type type, std::size_t text_bytes = 0);

/// Shape and storage of a dataset, as found in a file.
struct DatasetInfo {
  Type type;
  std::size_t text_bytes;
  std::vector<std::uint64_t> dims;
  bool chunked;
  std::uint64_t chunk_rows;
};

/// A file opened for reading. The constructor throws Error(environment) when the path is missing or
/// unreadable and Error(bad_data) when it is not HDF5. Every dataset is refused unless its link is hard, its
/// layout is contiguous or chunked, its filters are shuffle, deflate or fletcher32, its type one of Type and
/// its rank 1 to 3.
class ReadFile {
 public:
  explicit ReadFile(const std::filesystem::path& path);
  ~ReadFile();
  ReadFile(ReadFile&&) noexcept;
  ReadFile& operator=(ReadFile&&) noexcept;

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& dataset) const;
  bool has_attribute(const std::string& name) const;
  /// Attributes of the root group. Error(bad_data) names file and attribute when it is missing or of another
  /// type.
  std::string text_attribute(const std::string& name) const;
  std::int64_t int_attribute(const std::string& name) const;
  DatasetInfo info(const std::string& dataset) const;
  /// Names of the datasets and groups directly in `group` ("/" for the root), sorted.
  std::vector<std::string> members(const std::string& group) const;

  /// Reads rows [first, first + count) into `out`, which must have room for them; converts nothing.
  void read(const std::string& dataset, std::uint64_t first, std::uint64_t count,
            std::span<std::byte> out) const;
  /// A whole dataset of values as T; T must be the stored type.
  template <class T>
  std::vector<T> read_all(const std::string& dataset) const;
  /// A whole text dataset.
  std::vector<std::string> read_text(const std::string& dataset) const;

  /// Throws Error(bad_data) unless attribute `format` is `name` and `format_version` is `version`.
  void require_format(const std::string& name, int version) const;

  /// The library's identifier of the file, for io/ itself.
  std::int64_t handle() const { return file_; }

 private:
  std::filesystem::path path_;
  std::int64_t file_ = -1;
};

/// A file being created. Nothing is visible under its final name until the caller renames it (see
/// AtomicFile). close() must be called and throws when anything, a full disk included, went wrong.
class WriteFile {
 public:
  WriteFile(const std::filesystem::path& path, Compression compression);
  ~WriteFile();
  WriteFile(WriteFile&&) noexcept;
  WriteFile& operator=(WriteFile&&) noexcept;

  void attribute(const std::string& name, const std::string& text);
  void attribute(const std::string& name, std::int64_t value);
  /// Sets attributes `format` and `format_version`, and npo's version and numeric contract version.
  void format(const std::string& name, int version);

  /// Creates a column of `rows` rows; missing groups on its path are made. Values are written afterwards.
  void create(const ColumnSpec& spec, std::uint64_t rows);
  /// Writes rows [first, first + count). Chunks are compressed outside the library's lock where rows cover
  /// whole chunks.
  void write(const std::string& dataset, std::uint64_t first, std::uint64_t count,
             std::span<const std::byte> values);
  /// Creates a column that grows as rows are appended, for when their number is not known beforehand. Its
  /// chunks are stored as they are where compression has level 0.
  void create_growing(const ColumnSpec& spec);
  /// Adds rows to the end of a growing column; one thread at a time. Memory is bounded by one chunk.
  void append(const std::string& dataset, std::span<const std::byte> values);
  /// create and write in one.
  template <class T>
  void column(const ColumnSpec& spec, std::span<const T> values);
  /// A text column from strings, each at most spec.text_bytes long (0: the longest, at least 1).
  void text_column(ColumnSpec spec, std::span<const std::string> values);
  /// Makes `scale`, a column beside `dataset`, a dimension scale of axis `axis` of `dataset`; a column that
  /// is its own scale is only made one. xarray finds scales in the dataset's own group or above, not in a
  /// group beside it.
  void attach_scale(const std::string& dataset, int axis, const std::string& scale);
  void close();

 private:
  struct Impl;
  Impl* impl_ = nullptr;
};

}  // namespace npo::h5

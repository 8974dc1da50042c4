#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "io/h5_file.hpp"

/// Private to io/: the bytes of an open HDF5 file, past the library.
namespace npo {

/// Shares the library's open file, so it is the same file even when the path has been replaced since.
/// Thread-safe.
class RawFile {
 public:
  explicit RawFile(const h5::ReadFile& file);
  ~RawFile();
  RawFile(RawFile&& other) noexcept;
  RawFile& operator=(RawFile&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }
  /// Bytes in the file now.
  std::uint64_t size() const;
  int descriptor() const { return descriptor_; }
  /// Fills `out` from `offset`; false when the file ends before. Error(environment) when the disk fails.
  bool read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace npo

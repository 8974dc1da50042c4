#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace npo {

/// A nameless temporary file: it takes room in `folder` and is gone when this object, or the process, dies.
/// Error(environment) names the folder when it cannot be made, written (a full disk) or read.
class SpillFile {
 public:
  explicit SpillFile(std::filesystem::path folder);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  std::uint64_t bytes() const { return bytes_; }
  void append(std::span<const std::byte> data);
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  /// Gives the room of a range back to the disk where the file system can; its content is lost.
  void release(std::uint64_t offset, std::uint64_t count);

 private:
  std::filesystem::path folder_;
  int fd_;
  std::uint64_t bytes_ = 0;
};

}  // namespace npo

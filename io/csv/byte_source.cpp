#include "io/csv/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo::csv {
namespace {

/// A file descriptor whose first bytes may be looked at before they are read.
class Descriptor final : public ByteSource {
 public:
  Descriptor(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
    while (peeked_ < head_.size()) {
      const std::size_t came = read_some({head_.data() + peeked_, head_.size() - peeked_});
      if (came == 0) break;
      peeked_ += came;
    }
  }
  ~Descriptor() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  std::string_view head() const { return {head_.data(), peeked_}; }
  std::uint64_t bytes_taken() const override { return taken_; }

  std::size_t read(std::span<char> out) override {
    if (given_ == peeked_) return read_some(out);
    const std::size_t count = std::min(out.size(), peeked_ - given_);
    std::memcpy(out.data(), head_.data() + given_, count);
    given_ += count;
    return count;
  }

 private:
  std::size_t read_some(std::span<char> out) {
    for (;;) {
      const ssize_t came = ::read(fd_, out.data(), out.size());
      if (came >= 0) {
        taken_ += static_cast<std::uint64_t>(came);
        return static_cast<std::size_t>(came);
      }
      if (errno != EINTR)
        throw Error(ErrorKind::environment, fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
    }
  }

  int fd_;
  std::string name_;
  std::array<char, 6> head_{};
  std::size_t peeked_ = 0, given_ = 0;
  std::uint64_t taken_ = 0;
};

int open_for_reading(const std::filesystem::path& path) {
  if (path == "-") return STDIN_FILENO;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) {
    const int cause = errno;
    if (fd >= 0) ::close(fd);
    throw Error(ErrorKind::environment,
                fmt::format("cannot open {}: {}", path.string(), std::strerror(cause)),
                reading_remedy(cause));
  }
  if (S_ISDIR(status.st_mode)) {
    ::close(fd);
    throw Error(ErrorKind::environment, fmt::format("{} is a folder", path.string()), "name a CSV file");
  }
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return fd;
}

void refuse_unreadable(std::string_view head, const std::string& name) {
  struct Known {
    std::string_view magic, what, remedy;
  };
  static constexpr std::array<Known, 6> table{{
      {"\x28\xb5\x2f\xfd", "zstd", "zstd -dc FILE | npo import - ..."},
      {"\xfd"
       "7zXZ",
       "xz", "xz -dc FILE | npo import - ..."},
      {"BZh", "bzip2", "bzip2 -dc FILE | npo import - ..."},
      {"PK\x03\x04", "zip", "unzip -p FILE | npo import - ..."},
      {"\xff\xfe", "UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | npo import - ..."},
      {"\xfe\xff", "UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | npo import - ..."},
  }};
  for (const auto& known : table)
    if (head.starts_with(known.magic))
      throw Error(ErrorKind::bad_data, fmt::format("{} is {}, which is not read directly", name, known.what),
                  std::string(known.remedy));
}

}  // namespace

std::string display_name(const std::filesystem::path& path) {
  return path == "-" ? "stdin" : path.string();
}

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path) {
  const std::string name = display_name(path);
  auto file = std::make_unique<Descriptor>(open_for_reading(path), name);
  refuse_unreadable(file->head(), name);
  const bool compressed = file->head().starts_with("\x1f\x8b");
  std::unique_ptr<ByteSource> source = std::move(file);
  if (compressed) source = inflate(std::move(source), name);
  return path == "-" ? std::move(source) : read_ahead(std::move(source));
}

}  // namespace npo::csv

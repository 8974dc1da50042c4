#include "io/spill_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& folder, int cause) {
  const bool no_room = cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
  throw Error(ErrorKind::environment,
              fmt::format("cannot {} temporary data in {}: {}", what, folder.string(), std::strerror(cause)),
              no_room ? "make room there or write the output to another disk" : "");
}

/// Some file systems know no nameless files: there the name is taken away at once.
int open_nameless(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  std::string name = (folder / ".npo-spill-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

SpillFile::SpillFile(std::filesystem::path folder)
    : folder_(folder.empty() ? std::filesystem::path(".") : std::move(folder)), fd_(open_nameless(folder_)) {
  if (fd_ < 0) fail("create", folder_, errno);
}

SpillFile::~SpillFile() {
  ::close(fd_);
}

void SpillFile::append(std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(bytes_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write", folder_, written < 0 ? errno : ENOSPC);
    bytes_ += static_cast<std::uint64_t>(written);
    data = data.subspan(static_cast<std::size_t>(written));
  }
}

void SpillFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t came = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
    if (came < 0 && errno == EINTR) continue;
    if (came <= 0) fail("read back", folder_, came < 0 ? errno : EIO);
    offset += static_cast<std::uint64_t>(came);
    out = out.subspan(static_cast<std::size_t>(came));
  }
}

void SpillFile::release(std::uint64_t offset, std::uint64_t count) {
  (void)::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(count));
}

}  // namespace npo

#include "io/raw_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "io/h5_handle.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw Error(ErrorKind::environment,
              fmt::format("cannot read {}: {}", path.string(), std::generic_category().message(error)));
}

}  // namespace

RawFile::RawFile(const h5::ReadFile& file) : path_(file.path()) {
  const h5::LibraryLock lock;
  void* shared = nullptr;
  if (H5Fget_vfd_handle(file.handle(), H5P_DEFAULT, &shared) < 0 || !shared)
    throw Error(ErrorKind::internal,
                fmt::format("HDF5 does not give out its descriptor of {}", path_.string()));
  descriptor_ = ::fcntl(*static_cast<const int*>(shared), F_DUPFD_CLOEXEC, 0);
  if (descriptor_ < 0) fail(path_, errno);
}

RawFile::~RawFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
RawFile::RawFile(RawFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
RawFile& RawFile::operator=(RawFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

std::uint64_t RawFile::size() const {
  struct stat found;
  if (::fstat(descriptor_, &found) != 0) fail(path_, errno);
  return static_cast<std::uint64_t>(found.st_size);
}

bool RawFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, errno);
    if (got == 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

}  // namespace npo

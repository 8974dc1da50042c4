#include "io/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "kernels/error.hpp"

namespace npo {
namespace {

std::string holder_of(const std::filesystem::path& path) {
  long process = 0;
  std::ifstream(path) >> process;
  return process > 0 ? fmt::format("process {}", process) : "another process";
}

[[noreturn]] void throw_system(const std::filesystem::path& path) {
  throw Error(ErrorKind::environment, fmt::format("cannot lock {}: {}", path.string(), std::strerror(errno)),
              "the folder must be writable and its file system must know flock");
}

/// Whether `path` still names the file that is open as `file`; its last owner may have removed it in between.
bool is_at(int file, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

/// The open and locked file at `path`.
int lock_at(const std::filesystem::path& path, const std::string& what) {
  for (;;) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) throw_system(path);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      const int code = errno;
      ::close(file);
      errno = code;
      if (code == EINTR) continue;
      if (code != EWOULDBLOCK) throw_system(path);
      throw Error(ErrorKind::environment, fmt::format("{} is locked by {}", what, holder_of(path)),
                  "wait for it to end, or stop it");
    }
    if (is_at(file, path)) return file;
    ::close(file);
  }
}

}  // namespace

LockFile::LockFile(const std::filesystem::path& path, const std::string& what)
    : path_(path), file_(lock_at(path, what)), owner_(::getpid()) {
  const std::string text = fmt::format("{}\n", owner_);
  // The process id is for people only: a full disk must not turn into a failed lock.
  [[maybe_unused]] const bool told =
      ::ftruncate(file_, 0) == 0 && ::pwrite(file_, text.data(), text.size(), 0) > 0;
}

LockFile::~LockFile() {
  if (::getpid() == owner_ && is_at(file_, path_)) ::unlink(path_.c_str());
  ::close(file_);
}

}  // namespace npo

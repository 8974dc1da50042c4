#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& what, const fs::path& path, int error) {
  const char* remedy = error == ENOSPC || error == EDQUOT  ? "free some space and run the same command again"
                       : error == EACCES || error == EROFS ? "choose a folder you may write to"
                                                           : "";
  throw Error(ErrorKind::environment, fmt::format("{} {}: {}", what, path.string(), reason(error)), remedy);
}

[[noreturn]] void fail_reading(const fs::path& path, int error) {
  throw Error(ErrorKind::environment, fmt::format("cannot read {}: {}", path.string(), reason(error)),
              reading_remedy(error));
}

/// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// The temporary name means nothing to a user: errors speak of the file that was asked for.
Error with_final_name(const Error& error, const fs::path& temporary, const fs::path& path) {
  std::string text = error.what();
  const std::string from = temporary.string(), to = path.string();
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return Error(error.kind(), text);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path, bool overwrite)
    : path_(path), temporary_(path), overwrite_(overwrite) {
  static std::atomic<unsigned> counter{0};
  refuse_existing(path, overwrite);
  temporary_ += fmt::format(".{}-{}.tmp", ::getpid(), counter++);
  const Descriptor file(::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
  if (file.valid()) return;
  const int error = errno;
  if (error == ENOENT) fail("cannot write into the folder", folder_of(path), error);
  fail("cannot write", path, error);
}

AtomicFile::~AtomicFile() {
  if (!renamed_) ::unlink(temporary_.c_str());
}

void AtomicFile::attempt(const std::function<void(const fs::path&)>& step) const {
  try {
    step(temporary_);
  } catch (const Error& error) {
    throw with_final_name(error, temporary_, path_);
  }
}

void AtomicFile::commit() {
  attempt(sync_path);
  int result =
      ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), overwrite_ ? 0 : RENAME_NOREPLACE);
  if (result != 0 && errno == EINVAL) {  // a file system without RENAME_NOREPLACE
    refuse_existing(path_, overwrite_);
    result = ::rename(temporary_.c_str(), path_.c_str());
  }
  if (result != 0 && errno == EEXIST) refuse_existing(path_, overwrite_);
  if (result != 0) fail("cannot rename a finished file to", path_, errno);
  renamed_ = true;
  sync_path(folder_of(path_));
}

void refuse_existing(const fs::path& path, bool overwrite) {
  struct stat found;
  if (overwrite || ::lstat(path.c_str(), &found) != 0) return;
  throw Error(ErrorKind::environment, fmt::format("{} exists", path.string()),
              "use --overwrite to replace it, or choose another name");
}

void sync_path(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) fail("cannot open for fsync", path, errno);
  if (::fsync(file.get()) != 0) fail("cannot fsync", path, errno);
}

void write_atomically(const fs::path& path, bool overwrite, const std::function<void(const fs::path&)>& write,
                      const std::function<void(const fs::path&)>& verify) {
  AtomicFile file(path, overwrite);
  file.attempt(write);
  if (verify) file.attempt(verify);
  file.commit();
}

void write_text_atomically(const fs::path& path, bool overwrite, std::string_view text) {
  write_atomically(path, overwrite, [&](const fs::path& temporary) {
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!file.valid()) fail("cannot write", temporary, errno);
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t written = ::write(file.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write", temporary, errno);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (file.close() != 0) fail("cannot close", temporary, errno);
  });
}

std::string reading_remedy(int error) {
  return error == EACCES || error == EPERM ? "make the file, and the folders above it, readable for you" : "";
}

std::string read_text(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail_reading(path, EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail_reading(path, errno);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) fail_reading(path, errno);
  return text;
}

void make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error && !fs::is_directory(path, error) && !error)
    error = std::make_error_code(std::errc::not_a_directory);
  if (error) fail("cannot make the folder", path, error.value());
}

}  // namespace npo

#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace npo {

/// Keeps other processes out for as long as it lives. The lock belongs to the open file (flock), so it is
/// released when the process dies, however it dies; the file, which holds the process id, is removed by the
/// destructor where it still is the one at `path`.
class LockFile {
 public:
  /// Takes the lock at `path`. Error(environment) "`what` is locked by process N; ..." when somebody else has
  /// it.
  LockFile(const std::filesystem::path& path, const std::string& what);
  ~LockFile();
  /// The folder that holds the lock was renamed: the file is at `path` now.
  void moved_to(const std::filesystem::path& path) { path_ = path; }
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  std::filesystem::path path_;
  int file_ = -1;
  pid_t owner_;
};

}  // namespace npo

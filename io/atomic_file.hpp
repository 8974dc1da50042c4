#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace npo {

/// A file that appears whole or not at all, for writers that live longer than one call: everything is written
/// to a temporary name beside `path`, `commit` fsyncs it, renames it and fsyncs the folder. Without `commit`
/// it vanishes.
class AtomicFile {
 public:
  /// Error(environment) names the path when it exists and `overwrite` is false, or when the folder cannot be
  /// written.
  AtomicFile(const std::filesystem::path& path, bool overwrite);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();
  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Runs `step` on the temporary name. What an Error says of that name it says of `path` afterwards.
  void attempt(const std::function<void(const std::filesystem::path&)>& step) const;
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  bool overwrite_, renamed_ = false;
};

/// An AtomicFile filled by `write` and read back by `verify` (which may be empty).
void write_atomically(const std::filesystem::path& path, bool overwrite,
                      const std::function<void(const std::filesystem::path&)>& write,
                      const std::function<void(const std::filesystem::path&)>& verify = {});

/// write_atomically of a text.
void write_text_atomically(const std::filesystem::path& path, bool overwrite, std::string_view text);

/// What to do about a file that cannot be read, by errno; empty where that says it all.
std::string reading_remedy(int error);

/// Whole file as text; Error(environment) when it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// fsync of a file or a directory by path.
void sync_path(const std::filesystem::path& path);

/// Creates a directory (and parents) or accepts an existing one; Error(environment) names it when it cannot
/// be made.
void make_directory(const std::filesystem::path& path);

/// Error(environment) when `path` exists and `overwrite` is false ("use --overwrite").
void refuse_existing(const std::filesystem::path& path, bool overwrite);

}  // namespace npo

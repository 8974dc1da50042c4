#pragma once
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace npo::test {

/// A file system of its own of a few MiB, where the process may mount one; it can be filled and emptied.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& path, int mebibytes) : path_(path) {
    std::filesystem::create_directories(path);
    const std::string size = "size=" + std::to_string(mebibytes) + "m";
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount(path_.c_str());
  }
  bool mounted() const { return mounted_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  /// Takes up all room but `bytes`.
  void leave_free(std::uint64_t bytes) {
    free_all();
    const std::uint64_t available = std::filesystem::space(path_).available;
    if (available <= bytes) return;
    std::ofstream(path_ / "ballast", std::ios::binary) << std::string(available - bytes, 'x');
  }
  void free_all() { std::filesystem::remove(path_ / "ballast"); }

 private:
  std::filesystem::path path_;
  bool mounted_;
};

}  // namespace npo::test

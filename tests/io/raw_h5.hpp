#pragma once
#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace npo::test {

/// Files as other programs would write them, by plain calls of the C library.
struct RawH5 {
  hid_t file;
  explicit RawH5(const std::filesystem::path& path, bool latest = false) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (latest) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (file < 0) throw std::runtime_error("cannot create " + path.string());
  }
  RawH5(const RawH5&) = delete;
  RawH5& operator=(const RawH5&) = delete;
  ~RawH5() { H5Fclose(file); }

  /// A dataset whose creation properties `adjust` sets; `values` may be null for one that is never written.
  void dataset(const std::string& name, hid_t type, std::vector<hsize_t> dims,
               const std::function<void(hid_t)>& adjust, const void* values) {
    const hid_t space = dims.empty() ? H5Screate(H5S_SCALAR)
                                     : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    adjust(creation);
    const hid_t id = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (id < 0) throw std::runtime_error("cannot create dataset " + name);
    if (values && H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
      throw std::runtime_error("cannot write dataset " + name);
    H5Dclose(id);
    H5Pclose(creation);
    H5Sclose(space);
  }
};

inline void plain(hid_t) {}

}  // namespace npo::test

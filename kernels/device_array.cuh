#pragma once
#include <span>
#include <type_traits>
#include <utility>

#include "kernels/cuda_check.cuh"

namespace npo {

/// An array in the memory of the current device, for the CUDA drivers only. Copies wait for the kernels
/// before them; Error(device) when memory runs out or such a kernel failed.
template <class T>
class DeviceArray {
  static_assert(std::is_trivially_copyable_v<T>, "only plain bytes can go to a device");

 public:
  /// Room for `size` items, not initialised.
  explicit DeviceArray(std::size_t size) : size_(size) {
    if (size_ > 0) check_cuda(cudaMalloc(&data_, bytes()), "allocating device memory");
  }
  /// A copy of `host`.
  explicit DeviceArray(std::span<const T> host) : DeviceArray(host.size()) {
    if (size_ > 0)
      check_cuda(cudaMemcpy(data_, host.data(), bytes(), cudaMemcpyHostToDevice), "copying to the device");
  }
  /// All bytes zero.
  static DeviceArray zeros(std::size_t size) {
    DeviceArray array(size);
    array.clear();
    return array;
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(DeviceArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  void clear() const {
    if (size_ > 0) check_cuda(cudaMemset(data_, 0, bytes()), "clearing device memory");
  }
  /// The first host.size() items.
  void copy_to(std::span<T> host) const {
    if (!host.empty())
      check_cuda(cudaMemcpy(host.data(), data_, host.size_bytes(), cudaMemcpyDeviceToHost),
                 "copying from the device");
  }

 private:
  std::size_t bytes() const { return size_ * sizeof(T); }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace npo

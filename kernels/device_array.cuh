#pragma once
#include <cuda_runtime.h>

#include <span>
#include <string>

#include "kernels/device.hpp"
#include "kernels/error.hpp"

/// Memory and errors of a CUDA device, for the CUDA drivers only.
namespace npo {

/// Throws Error(device) when a CUDA call failed; `what` names the step.
inline void check_cuda(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw Error(ErrorKind::device, std::string(what) + ": " + cudaGetErrorString(status),
              "use --device cpu, or smaller batches if memory ran out");
}

/// Makes `device` the current one while it lives. Error(device) when it cannot be used.
class DeviceScope {
 public:
  explicit DeviceScope(int device) {
    require_device(device);
    check_cuda(cudaGetDevice(&before_), "asking for the current CUDA device");
    check_cuda(cudaSetDevice(device), "choosing a CUDA device");
  }
  ~DeviceScope() { cudaSetDevice(before_); }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int before_ = 0;
};

/// An array on the current device.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) {
    if (size > 0) check_cuda(cudaMalloc(&data_, size * sizeof(T)), "allocating device memory");
  }
  explicit DeviceArray(std::span<const T> host) : DeviceArray(host.size()) {
    if (size_ > 0)
      check_cuda(cudaMemcpy(data_, host.data(), host.size_bytes(), cudaMemcpyHostToDevice),
                 "copying to the device");
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() { return data_; }
  void copy_to(std::span<T> host) const {
    if (size_ > 0)
      check_cuda(cudaMemcpy(host.data(), data_, host.size_bytes(), cudaMemcpyDeviceToHost),
                 "copying from the device");
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace npo

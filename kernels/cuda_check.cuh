#pragma once
#include <cuda_runtime.h>

#include <string>

#include "kernels/device.hpp"
#include "kernels/error.hpp"

/// Errors and the current device of CUDA, for the CUDA drivers only.
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

}  // namespace npo

#include <cuda_runtime.h>

#include "kernels/device.hpp"
#include "kernels/error.hpp"

namespace npo {

bool cuda_built_in() {
  return true;
}

int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();  // a machine without a driver is not an error here
    return 0;
  }
  return count;
}

std::string device_name(int device) {
  require_device(device);
  cudaDeviceProp properties;
  const cudaError_t status = cudaGetDeviceProperties(&properties, device);
  if (status != cudaSuccess) throw Error(ErrorKind::device, cudaGetErrorString(status));
  return properties.name;
}

void require_device(int device) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    cudaGetLastError();
    throw Error(ErrorKind::device,
                "CUDA device " + std::to_string(device) + " cannot be used: " + cudaGetErrorString(status),
                "use --device cpu, or check the driver with nvidia-smi");
  }
  if (device < 0 || device >= count) {
    throw Error(
        ErrorKind::device,
        "there is no CUDA device " + std::to_string(device) + ": this machine has " + std::to_string(count),
        "use --device cpu or a number below " + std::to_string(count));
  }
}

}  // namespace npo

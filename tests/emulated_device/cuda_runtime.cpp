#include "tests/emulated_device/cuda_runtime.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "tests/emulated_device/device_memory.hpp"
#include "tests/emulated_device/kernel_process.hpp"

namespace {

/// EMULATED_DEVICE_BYTES, for tests of what happens when memory runs out.
std::size_t capacity() {
  const char* bytes = std::getenv("EMULATED_DEVICE_BYTES");
  return bytes ? std::strtoull(bytes, nullptr, 10) : npo::emulated::DeviceMemory::usual_capacity;
}

/// The one device and what happened to it.
struct Device {
  std::mutex mutex;
  npo::emulated::DeviceMemory memory{capacity()};
  std::uint64_t launches = 0;
  cudaError_t failure = cudaSuccess;  ///< of a kernel; it stays, as on a real device
};

Device& device() {
  static Device* the_device = new Device;  // outlives every static that frees device memory
  return *the_device;
}

/// Runs `act` unless a kernel failed before.
template <class Act>
cudaError_t on_device(const Act& act) {
  const std::lock_guard lock(device().mutex);
  return device().failure != cudaSuccess ? device().failure : act(device());
}

}  // namespace

namespace npo::emulated {

std::byte* bytes_of_device(const void* data, std::size_t size) {
  const std::lock_guard lock(device().mutex);
  return device().memory.alias_of(data, size);
}

}  // namespace npo::emulated

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return cudaErrorInvalidDevice;
  std::strcpy(properties->name, "emulated device");
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : cudaErrorInvalidDevice;
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
  }
  return "unknown error";
}

cudaError_t cudaGetLastError() {
  return on_device([](Device&) { return cudaSuccess; });
}

cudaError_t cudaDeviceReset() {
  const std::lock_guard lock(device().mutex);
  device().failure = cudaSuccess;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  return on_device([](Device&) { return cudaSuccess; });
}

cudaError_t npo_emulated_malloc(void** data, std::size_t bytes) {
  return on_device([&](Device& d) {
    const auto place = d.memory.allocate(bytes);
    if (!place) return cudaErrorMemoryAllocation;
    *data = *place;
    return cudaSuccess;
  });
}

cudaError_t cudaFree(void* data) {
  if (data == nullptr) return cudaSuccess;
  const std::lock_guard lock(device().mutex);
  return device().memory.release(data) ? device().failure : cudaErrorInvalidValue;
}

cudaError_t cudaMemset(void* data, int value, std::size_t bytes) {
  return on_device([&](Device& d) {
    std::byte* place = d.memory.alias_of(data, bytes);
    if (place == nullptr) return cudaErrorInvalidValue;
    std::memset(place, value, bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return on_device([&](Device& d) {
    const bool up = kind == cudaMemcpyHostToDevice;
    std::byte* place = d.memory.alias_of(up ? to : from, bytes);
    if (place == nullptr) return cudaErrorInvalidValue;
    std::memcpy(up ? place : to, up ? from : place, bytes);
    return cudaSuccess;
  });
}

/// A launch only says whether it could start; a kernel that fails shows in the calls after it.
cudaError_t npo_emulated_launch(const cudaLaunchConfig_t& config, const npo::emulated::KernelCall& call) {
  return on_device([&](Device& d) {
    const dim3 grid = config.gridDim, block = config.blockDim;
    const bool fits = grid.x > 0 && grid.x <= 0x7FFFFFFFu && grid.y > 0 && grid.y <= 65535u && grid.z == 1 &&
                      block.x > 0 && block.x <= 1024 && block.y == 1 && block.z == 1;
    if (!fits) return cudaErrorInvalidConfiguration;
    if (!npo::emulated::run_grid(d.memory, config, call, ++d.launches)) d.failure = cudaErrorLaunchFailure;
    return cudaSuccess;
  });
}

#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tests/emulated_device/emulated_device.hpp"

/// The part of the CUDA runtime that the drivers of kernels/ call, over the emulated device. It stands in for
/// the toolkit's header of this name when g++ compiles a .cu file as C++; a call that is missing here does
/// not compile.

#define __global__
#define __device__
#define __host__
// A kernel has a process of its own, whose blocks run one after the other.
#define __shared__ static

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidDevice = 101,
  cudaErrorLaunchFailure = 719
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  dim3(unsigned width = 1, unsigned height = 1, unsigned depth = 1) : x(width), y(height), z(depth) {}
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
};
struct cudaDeviceProp {
  char name[256];
};

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaDeviceReset();
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaFree(void* data);
cudaError_t cudaMemset(void* data, int value, std::size_t bytes);
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
cudaError_t npo_emulated_malloc(void** data, std::size_t bytes);
cudaError_t npo_emulated_launch(const cudaLaunchConfig_t& config, const npo::emulated::KernelCall& call);

template <class T>
cudaError_t cudaMalloc(T** data, std::size_t bytes) {
  void* place = nullptr;
  const cudaError_t status = npo_emulated_malloc(&place, bytes);
  if (status == cudaSuccess) *data = static_cast<T*>(place);
  return status;
}

/// Parameters are bytes that are copied to the kernel, as on a real device.
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...));
  struct Call {
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> parameters;
  };
  const Call call{kernel, std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)};
  return npo_emulated_launch(*config, {&call, sizeof call, [](const void* copy) {
                                         const Call& made = *static_cast<const Call*>(copy);
                                         std::apply(made.kernel, made.parameters);
                                       }});
}

inline void __syncthreads() {
  npo::emulated::wait_for_block();
}

template <class T>
T atomicAdd(T* cell, T amount) {
  return std::atomic_ref(*cell).fetch_add(amount);
}
template <class T>
T atomicOr(T* cell, T bits) {
  return std::atomic_ref(*cell).fetch_or(bits);
}
template <class T>
T atomicMin(T* cell, T value) {
  const std::atomic_ref place(*cell);
  T before = place.load();
  while (value < before && !place.compare_exchange_weak(before, value)) {
  }
  return before;
}

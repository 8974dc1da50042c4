#pragma once
#include <cstddef>
#include <utility>

#include "kernels/cuda_check.cuh"

namespace npo {

/// Blocks of `threads` threads that hold one thread an item.
inline unsigned blocks_for(std::size_t items, unsigned threads) {
  return static_cast<unsigned>((items + threads - 1) / threads);
}

/// Starts `kernel(arguments...)` on `blocks` blocks of `threads` threads of the current device, and does not
/// wait for it. `what` names the step in Error(device) when it cannot start. A function call, not `<<< >>>`,
/// so that a host compiler can read the drivers too (tests/emulated_device).
template <class... Parameters, class... Arguments>
void launch_kernel(const char* what, dim3 blocks, unsigned threads, void (*kernel)(Parameters...),
                   Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = dim3(threads);
  check_cuda(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), what);
}

/// Waits for the kernels started before; Error(device) when one failed. Copies wait by themselves.
inline void wait_for_kernels(const char* what) {
  check_cuda(cudaDeviceSynchronize(), what);
}

}  // namespace npo

#pragma once
#include "tests/emulated_device/cuda_runtime.h"
#include "tests/emulated_device/device_memory.hpp"

namespace npo::emulated {

/// Runs every thread of a grid in a process of its own, which sees device memory but neither heap nor stacks
/// of this one. `launch` scrambles the order of blocks and threads. False when a thread touched what it may
/// not, missed a barrier or died; stderr says where.
bool run_grid(const DeviceMemory& memory, const cudaLaunchConfig_t& config, const KernelCall& call,
              std::uint64_t launch);

}  // namespace npo::emulated

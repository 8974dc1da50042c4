#pragma once
#include "kernels/beta_sampler.hpp"

namespace npo {

/// Copies the sampler's tables, which are read by index, into the shared memory of a block of 16 threads or
/// more. All threads of the block call it.
inline __device__ void share_tables(const BetaTables& tables, BetaTables& shared) {
  if (threadIdx.x < 16) {
    shared.reciprocal[threadIdx.x] = tables.reciprocal[threadIdx.x];
    shared.log[threadIdx.x] = tables.log[threadIdx.x];
    shared.cos[threadIdx.x] = tables.cos[threadIdx.x];
    shared.sin[threadIdx.x] = tables.sin[threadIdx.x];
  }
  __syncthreads();
}

}  // namespace npo

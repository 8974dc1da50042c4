#pragma once
#include "tests/kernels/lane_probe.hpp"

/// The scalar lane type run by CUDA threads of device 0: what must have the bits of the CPU.
namespace npo::test {

void apply_on_device(Function f, const float* in, float* out, std::size_t count);
void betas_on_device(const BetaRequest& request, float* x, float* y, std::uint32_t* hash);

}  // namespace npo::test

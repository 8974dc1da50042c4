#include "tests/kernels/device_probe.hpp"

#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"
#include "tests/kernels/lane_probe_with.hpp"

namespace npo::test {
namespace {

using Probe = ProbeWith<lane::Scalar>;
constexpr unsigned threads_per_block = 128;

__global__ void apply_kernel(Function f, const float* in, float* out, std::size_t count) {
  const std::size_t i = std::size_t{blockIdx.x} * threads_per_block + threadIdx.x;
  if (i < count) out[i] = Probe::value(f, in[i]);
}

__global__ void betas_kernel(BetaRequest request, const BetaTables* tables, float* x, float* y,
                             std::uint32_t* hash) {
  const std::size_t i = std::size_t{blockIdx.x} * threads_per_block + threadIdx.x;
  if (i >= request.count) return;
  const PhiloxKey key(request.seed);
  const BetaSampler<lane::Scalar> sampler(*tables);
  const auto drawn = Probe::beta(request, key, sampler, request.first_entity + static_cast<std::uint32_t>(i));
  x[i] = drawn.x;
  y[i] = drawn.y;
  hash[i] = drawn.hash;
}

}  // namespace

void apply_on_device(Function f, const float* in, float* out, std::size_t count) {
  const DeviceScope scope(0);
  DeviceArray<float> device_in(std::span(in, count)), device_out(count);
  launch_kernel("starting apply", blocks_for(count, threads_per_block), threads_per_block, apply_kernel, f,
                device_in.data(), device_out.data(), count);
  device_out.copy_to(std::span(out, count));
}

void betas_on_device(const BetaRequest& request, float* x, float* y, std::uint32_t* hash) {
  const DeviceScope scope(0);
  DeviceArray<BetaTables> tables(std::span(&beta_tables, 1));
  DeviceArray<float> device_x(request.count), device_y(request.count);
  DeviceArray<std::uint32_t> device_hash(request.count);
  launch_kernel("starting betas", blocks_for(request.count, threads_per_block), threads_per_block,
                betas_kernel, request, tables.data(), device_x.data(), device_y.data(), device_hash.data());
  device_x.copy_to(std::span(x, request.count));
  device_y.copy_to(std::span(y, request.count));
  device_hash.copy_to(std::span(hash, request.count));
}

}  // namespace npo::test

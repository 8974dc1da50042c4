#include "kernels/device_array.cuh"
#include "kernels/draw_arms.hpp"
#include "kernels/launch_kernel.cuh"
#include "kernels/shared_tables.cuh"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 128;

/// One thread a row. `draws` holds device pointers; the tables are read by index, hence the copy in shared
/// memory.
__global__ void draw_arms_kernel(ArmDrawRows draws, BetaTables tables) {
  __shared__ BetaTables shared;
  share_tables(tables, shared);
  using L = lane::Scalar;
  const std::size_t row = std::size_t{blockIdx.x} * threads_per_block + threadIdx.x;
  if (row >= draws.rows) return;
  const std::size_t first =
      (draws.table_row ? draws.table_row[row] : row) * static_cast<std::size_t>(draws.plan.arms);
  ArmDrawPlan plan = draws.plan;
  plan.shape_a += first;
  plan.shape_b += first;
  const std::uint64_t entity = draws.entity[row];
  const PhiloxKey key(draws.seed);
  const BetaSampler<L> sampler(shared);
  draws.arm[row] =
      static_cast<std::uint8_t>(draw_arm<L>(sampler, key, plan, 0u, static_cast<std::uint32_t>(entity),
                                            static_cast<std::uint32_t>(entity >> 32), true));
}

void draw_on_device(const ArmDrawRows& host, std::size_t table_size, int device) {
  const DeviceScope scope(device);
  if (host.rows == 0) return;
  DeviceArray<float> shape_a(std::span(host.plan.shape_a, table_size)),
      shape_b(std::span(host.plan.shape_b, table_size));
  DeviceArray<std::uint64_t> entity(std::span(host.entity, host.rows));
  DeviceArray<std::uint32_t> table_row(std::span(host.table_row, host.table_row ? host.rows : 0));
  DeviceArray<std::uint8_t> arm(host.rows);
  ArmDrawRows draws = host;
  draws.plan.shape_a = shape_a.data();
  draws.plan.shape_b = shape_b.data();
  draws.entity = entity.data();
  draws.table_row = table_row.data();
  draws.arm = arm.data();
  launch_kernel("starting draw_arms", blocks_for(host.rows, threads_per_block), threads_per_block,
                draw_arms_kernel, draws, beta_tables);
  arm.copy_to(std::span(host.arm, host.rows));
}

}  // namespace

void draw_arms_cuda(std::span<const float> shape_a, std::span<const float> shape_b, int arms,
                    std::uint64_t seed, std::span<const std::uint64_t> entity, std::uint32_t step,
                    std::span<std::uint8_t> arm, int device) {
  draw_on_device(nightly_rows(shape_a, shape_b, arms, seed, entity, step, arm), shape_a.size(), device);
}

void draw_row_arms_cuda(const RowArmDraws& draws, std::span<std::uint8_t> arm, int device) {
  draw_on_device(scenario_rows(draws, arm), draws.shape_a.size(), device);
}

}  // namespace npo

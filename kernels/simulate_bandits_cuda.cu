#include <algorithm>

#include "kernels/bandit_step.hpp"
#include "kernels/bandit_table.hpp"
#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"
#include "kernels/shared_tables.cuh"
#include "kernels/study_metrics.hpp"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 128;

/// Replicates first, first + 1, ... one a thread; word w of replicate i goes to record[w * count + i].
struct BanditGrid {
  std::uint64_t entity;  ///< of the first
  std::uint32_t count;
  std::uint32_t* record;
};

__device__ BanditLanes<lane::Scalar> lane_of(const BanditGrid& grid, std::uint32_t i) {
  const std::uint64_t entity = grid.entity + i;
  return {static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32), true};
}

template <int K>
__global__ void joint_bandits_kernel(BanditPlan plan, BanditGrid grid, BetaTables tables) {
  __shared__ BetaTables shared;
  share_tables(tables, shared);
  const std::uint32_t i = blockIdx.x * threads_per_block + threadIdx.x;
  if (i >= grid.count) return;
  const PhiloxKey key(plan.seed);
  const BetaSampler<lane::Scalar> sampler(shared);
  const auto lanes = lane_of(grid, i);
  JointBandit<lane::Scalar, K> bandit(plan, key, sampler, lanes);
  run_bandit<lane::Scalar>(plan, bandit, [&](std::uint32_t stop, std::uint32_t row, std::uint32_t word) {
    grid.record[(std::size_t{stop} * plan.rows() + row) * grid.count + i] = word;
  });
}

/// `rows` are those of all threads side by side.
__global__ void policy_bandits_kernel(BanditPlan plan, BanditGrid grid, BanditRows rows, BetaTables tables) {
  __shared__ BetaTables shared;
  share_tables(tables, shared);
  const std::uint32_t i = blockIdx.x * threads_per_block + threadIdx.x;
  if (i >= grid.count) return;
  rows.counts.success += i;
  rows.counts.failure += i;
  rows.plays += i;
  rows.mean24 += i;
  if (rows.counts.recent) {
    rows.counts.recent += i;
    rows.counts.learned += i;
  }
  const PhiloxKey key(plan.seed);
  const BetaSampler<lane::Scalar> sampler(shared);
  const auto lanes = lane_of(grid, i);
  PolicyBandit<lane::Scalar> bandit(plan, key, sampler, lanes, rows);
  run_bandit<lane::Scalar>(plan, bandit, [&](std::uint32_t stop, std::uint32_t row, std::uint32_t word) {
    grid.record[(std::size_t{stop} * plan.rows() + row) * grid.count + i] = word;
  });
}

template <int K>
void launch_joint(unsigned blocks, const BanditPlan& plan, const BanditGrid& grid) {
  if (K == static_cast<int>(plan.policy.arms))
    launch_kernel("starting simulate_bandits", blocks, threads_per_block, joint_bandits_kernel<K>, plan, grid,
                  beta_tables);
  if constexpr (K < static_cast<int>(max_joint_arms)) launch_joint<K + 1>(blocks, plan, grid);
}

/// Zeroed memory of the general path for `count` replicates.
struct DeviceRows {
  DeviceRows(const ArmPlan& policy, std::size_t count)
      : counts(DeviceArray<float>::zeros(2 * policy.arms * count)),
        mean24(policy.arms * count),
        plays(DeviceArray<std::uint32_t>::zeros(policy.arms * count)),
        slides(policy.kind == StudyPolicy::sliding_thompson),
        recent(DeviceArray<std::uint16_t>::zeros(slides ? policy.window * count : 0)),
        learned(DeviceArray<std::uint32_t>::zeros(slides ? count : 0)),
        rows{{counts.data(), counts.data() + policy.arms * count, count, slides ? recent.data() : nullptr,
              slides ? learned.data() : nullptr},
             plays.data(),
             mean24.data()} {}

  DeviceArray<float> counts, mean24;
  DeviceArray<std::uint32_t> plays;
  bool slides;
  DeviceArray<std::uint16_t> recent;
  DeviceArray<std::uint32_t> learned;
  BanditRows rows;
};

}  // namespace

void simulate_bandits_cuda(const BanditPoint& point, StudySeed seed, ReplicateRange replicates,
                           std::span<const std::uint32_t> checkpoints, int device, StudyBlock& block) {
  const DeviceScope scope(device);
  check_replicates(seed, replicates);
  const BanditTable table(point, seed, checkpoints);
  block.resize(replicates, checkpoints.size(), bandit_columns(point.arms));
  DeviceArray<std::uint32_t> stops(table.stops()), segments(table.segments());
  DeviceArray<float> mean24(table.mean24());
  BanditPlan plan = table.plan();
  plan.stop = stops.data();
  plan.segment = segments.data();
  if (plan.mean24) plan.mean24 = mean24.data();

  DeviceArray<std::uint32_t> record(table.record_words() * replicates.count);
  const BanditGrid grid{study_entity(seed, replicates.first), static_cast<std::uint32_t>(replicates.count),
                        record.data()};
  const unsigned blocks = blocks_for(replicates.count, threads_per_block);
  if (takes_joint_path(plan.policy)) {
    launch_joint<2>(blocks, plan, grid);
  } else {
    const DeviceRows memory(plan.policy, replicates.count);
    launch_kernel("starting simulate_bandits", blocks, threads_per_block, policy_bandits_kernel, plan, grid,
                  memory.rows, beta_tables);
    wait_for_kernels("simulating bandits");
  }
  std::vector<std::uint32_t> words(table.record_words() * replicates.count);
  record.copy_to(std::span(words));
  for (std::size_t i = 0; i < replicates.count; i += 16) {
    table.collect(words.data() + i, replicates.count, std::min<std::size_t>(16, replicates.count - i), block,
                  i);
  }
}

}  // namespace npo

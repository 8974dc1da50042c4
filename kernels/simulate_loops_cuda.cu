#include <algorithm>

#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"
#include "kernels/shared_tables.cuh"
#include "kernels/simulate_loops.hpp"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 64;
/// Room for scores and rings of the replicates that run at a time.
constexpr std::size_t memory_bytes = std::size_t{1} << 30;

/// One thread a replicate; `work` holds device pointers, its memory has a lane for each thread of the launch.
__global__ void simulate_loops_kernel(LoopWork work, BetaTables tables) {
  __shared__ BetaTables shared;
  share_tables(tables, shared);
  using L = lane::Scalar;
  const std::uint32_t lane = blockIdx.x * threads_per_block + threadIdx.x;
  if (lane >= work.count) return;
  work.memory.lane = lane;
  work.arm_rows.success += lane;
  work.arm_rows.failure += lane;
  work.arm_rows.recent += lane;
  work.arm_rows.learned += lane;
  const PhiloxKey key(work.seed);
  const BetaSampler<L> sampler(shared);
  const LoopColumns out{work.values + lane, work.value_stride, work.plan->columns};
  const NoWatcher<L> nobody;
  with_chooser<L>(work, sampler, [&]<bool general>(auto& chooser) {
    run_loop_pack<L, general>(work, key, sampler, chooser, entities_from<L>(work.first_entity + lane), 1, out,
                              nobody);
  });
}

/// A plan with its tables on the current device.
class DevicePlan {
 public:
  DevicePlan(const LoopPlanData& data, const ArmPlan& policy)
      : stops_(data.stops()),
        keep_(data.keep()),
        alias_(data.alias()),
        blocked_(data.blocked()),
        plan_(std::span(with_pointers(data.plan()), 1)),
        policy_(std::span(&policy, 1)) {}
  const LoopPlan* plan() { return plan_.data(); }
  const ArmPlan* policy() { return policy_.data(); }

 private:
  const LoopPlan* with_pointers(const LoopPlan& host) {
    copy_ = host;
    copy_.stops = stops_.data();
    copy_.keep = keep_.data();
    copy_.alias = alias_.data();
    copy_.blocked = blocked_.data();
    return &copy_;
  }
  DeviceArray<LoopStop> stops_;
  DeviceArray<float> keep_;
  DeviceArray<std::uint32_t> alias_, blocked_;
  LoopPlan copy_;
  DeviceArray<LoopPlan> plan_;
  DeviceArray<ArmPlan> policy_;
};

}  // namespace

void simulate_loops_cuda(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                         std::span<const std::uint32_t> checkpoints, int device, StudyBlock& block) {
  const DeviceScope scope(device);
  check_replicates(seed, replicates);
  const LoopPlanData data(point, checkpoints);
  const ArmPlan policy(data.policy(), data.plan().arms);
  const LoopMemorySizes sizes(data.plan(), policy);
  const std::size_t lanes =
      std::clamp<std::size_t>(memory_bytes / sizes.bytes_per_lane(), 1, replicates.count);
  DevicePlan plan(data, policy);
  DeviceArray<float> floats(sizes.floats * lanes), values(checkpoints.size() * data.plan().columns * lanes);
  DeviceArray<std::uint32_t> words(sizes.words * lanes);
  DeviceArray<std::uint16_t> recent(sizes.recent * lanes);
  LoopWork work{plan.plan(), plan.policy(), seed.seed, 0, 0, {}, {}, values.data(), lanes, data.simple()};
  sizes.cut(data.plan(), lanes, floats.data(), words.data(), recent.data(), work.memory, work.arm_rows);

  block.resize(replicates, checkpoints.size(), data.plan().columns);
  std::vector<float> part(checkpoints.size() * data.plan().columns * lanes);
  for (std::size_t begin = 0; begin < replicates.count; begin += lanes) {
    work.count = std::min(lanes, replicates.count - begin);
    work.first_entity = study_entity(seed, replicates.first + begin);
    values.clear();
    launch_kernel("starting simulate_loops", blocks_for(work.count, threads_per_block), threads_per_block,
                  simulate_loops_kernel, work, beta_tables);
    values.copy_to(part);
    for (std::size_t row = 0; row < checkpoints.size() * data.plan().columns; ++row)
      std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(row * lanes), work.count,
                  block.data() + row * block.stride() + begin);
  }
}

}  // namespace npo

#include "kernels/simulate_loops.hpp"

#include <algorithm>


namespace npo {

LoopMemoryBlock::LoopMemoryBlock(const LoopPlan& plan, const ArmPlan& policy, std::size_t lanes) {
  const bool slides = policy.kind == StudyPolicy::sliding_thompson;
  const std::size_t counts = std::size_t{policy.arms} * lanes;
  floats_.resize(loop_float_rows(plan) * lanes + 2 * counts);
  words_.resize(loop_word_rows(plan) * lanes + lanes);
  recent_.resize(slides ? std::size_t{policy.window} * lanes : 0);
  memory_ = cut_loop_memory(plan, floats_.data(), words_.data(), static_cast<std::uint32_t>(lanes));
  float* const success = floats_.data() + loop_float_rows(plan) * lanes;
  arm_rows_ = {success, success + counts, lanes, recent_.data(),
               words_.data() + loop_word_rows(plan) * lanes};
}

void simulate_loops_by_path(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                            std::span<const std::uint32_t> checkpoints, SimdLevel level, bool simple_path,
                            StudyBlock& block) {
  require_level(level);
  check_replicates(seed, replicates);
  const LoopPlanData data(point, checkpoints);
  const LoopPlan& plan = data.plan();
  const ArmPlan policy(data.policy(), plan.arms);
  block.resize(replicates, checkpoints.size(), plan.columns);
  std::ranges::fill(block.values(), 0.0f);
  const std::size_t lanes = level == SimdLevel::avx512 ? 16 : level == SimdLevel::avx2 ? 8 : 1;
  const LoopMemoryBlock memory(plan, policy, lanes);
  const LoopWork work{&plan,
                      &policy,
                      seed.seed,
                      study_entity(seed, replicates.first),
                      replicates.count,
                      memory.memory(),
                      memory.arm_rows(),
                      block.data(),
                      block.stride(),
                      simple_path && data.simple()};
  const auto simulate = level == SimdLevel::avx512 ? simulate_loops_avx512
                        : level == SimdLevel::avx2 ? simulate_loops_avx2
                                                   : simulate_loops_scalar;
  simulate(work);
}

void simulate_loops(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                    std::span<const std::uint32_t> checkpoints, SimdLevel level, StudyBlock& block) {
  simulate_loops_by_path(point, seed, replicates, checkpoints, level, true, block);
}

}  // namespace npo

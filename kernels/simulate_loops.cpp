#include "kernels/simulate_loops.hpp"

#include <algorithm>

namespace npo {

LoopMemorySizes::LoopMemorySizes(const LoopPlan& plan, const ArmPlan& policy)
    : floats(loop_float_rows(plan) + 2 * std::size_t{policy.arms}),
      words(loop_word_rows(plan) + 1),
      recent(policy.kind == StudyPolicy::sliding_thompson ? policy.window : 0) {}

void LoopMemorySizes::cut(const LoopPlan& plan, std::size_t lanes, float* float_memory,
                          std::uint32_t* word_memory, std::uint16_t* recent_memory, LoopMemory& memory,
                          ArmRows& arm_rows) const {
  memory = cut_loop_memory(plan, float_memory, word_memory, static_cast<std::uint32_t>(lanes));
  float* const success = float_memory + loop_float_rows(plan) * lanes;
  arm_rows = {success, success + (floats - loop_float_rows(plan)) / 2 * lanes, lanes, recent_memory,
              word_memory + loop_word_rows(plan) * lanes};
}

LoopMemoryBlock::LoopMemoryBlock(const LoopPlan& plan, const ArmPlan& policy, std::size_t lanes) {
  const LoopMemorySizes sizes(plan, policy);
  floats_.resize(sizes.floats * lanes);
  words_.resize(sizes.words * lanes);
  recent_.resize(sizes.recent * lanes);
  sizes.cut(plan, lanes, floats_.data(), words_.data(), recent_.data(), memory_, arm_rows_);
}

namespace {

/// Lanes share the high words of their entities, so that the rare block in which they change runs lane by
/// lane.
SimdLevel level_for(std::uint64_t first_entity, std::size_t count, SimdLevel level) {
  const bool wraps = (first_entity & 0xffffffffu) + count > std::uint64_t{1} << 32;
  return wraps ? SimdLevel::scalar : level;
}

}  // namespace

void simulate_loops_by_path(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                            std::span<const std::uint32_t> checkpoints, SimdLevel level, bool simple_path,
                            StudyBlock& block) {
  require_level(level);
  check_replicates(seed, replicates);
  level = level_for(study_entity(seed, replicates.first), replicates.count, level);
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

#pragma once
#include <cstddef>
#include <vector>

#include "kernels/loop_plan.hpp"
#include "kernels/simulate_loops_lane.hpp"
#include "kernels/study_run.hpp"

/// What the drivers of closed loops share.
namespace npo {

/// Words of memory that a replicate needs.
struct LoopMemorySizes {
  std::size_t floats, words, recent;

  LoopMemorySizes(const LoopPlan& plan, const ArmPlan& policy);
  std::size_t bytes_per_lane() const { return 4 * floats + 4 * words + 2 * recent; }
  /// Hands out [size][lanes] floats, words and recent outcomes.
  void cut(const LoopPlan& plan, std::size_t lanes, float* float_memory, std::uint32_t* word_memory,
           std::uint16_t* recent_memory, LoopMemory& memory, ArmRows& arm_rows) const;
};

/// Memory of `lanes` replicates side by side.
class LoopMemoryBlock {
 public:
  LoopMemoryBlock(const LoopPlan& plan, const ArmPlan& policy, std::size_t lanes);
  const LoopMemory& memory() const { return memory_; }
  const ArmRows& arm_rows() const { return arm_rows_; }

 private:
  std::vector<float> floats_;
  std::vector<std::uint32_t> words_;
  std::vector<std::uint16_t> recent_;
  LoopMemory memory_{};
  ArmRows arm_rows_{};
};

/// simulate_loops with the general path wherever `simple_path` is false; the bits are the same.
void simulate_loops_by_path(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                            std::span<const std::uint32_t> checkpoints, SimdLevel level, bool simple_path,
                            StudyBlock& block);

}  // namespace npo

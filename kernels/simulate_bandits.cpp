#include <algorithm>

#include "kernels/bandit_lanes.hpp"
#include "kernels/bandit_table.hpp"
#include "kernels/study_metrics.hpp"

namespace npo {
namespace {

std::size_t lanes_of(SimdLevel level) {
  return level == SimdLevel::avx512 ? 16 : level == SimdLevel::avx2 ? 8 : 1;
}

void run(const BanditPlan& plan, const BanditPack& pack, SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return run_bandits_scalar(plan, pack);
    case SimdLevel::avx2:
      return run_bandits_avx2(plan, pack);
    case SimdLevel::avx512:
      return run_bandits_avx512(plan, pack);
  }
}

}  // namespace

void simulate_bandits(const BanditPoint& point, StudySeed seed, ReplicateRange replicates,
                      std::span<const std::uint32_t> checkpoints, SimdLevel level, StudyBlock& block) {
  require_level(level);
  check_replicates(seed, replicates);
  const BanditTable table(point, seed, checkpoints);
  const BanditPlan plan = table.plan();
  block.resize(replicates, checkpoints.size(), bandit_columns(point.arms));
  BanditWorkspace workspace(plan);
  const std::size_t width = lanes_of(level);
  std::vector<std::uint32_t> record(table.record_words() * width);
  for (std::size_t i = 0; i < replicates.count;) {
    const std::uint64_t entity = study_entity(seed, replicates.first + i);
    const std::uint64_t until_wrap = (std::uint64_t{1} << 32) - (entity & 0xffffffffu);
    const std::size_t lanes = std::min({width, replicates.count - i, static_cast<std::size_t>(until_wrap)});
    run(plan, {entity, static_cast<int>(lanes), workspace.rows(), record.data(), width}, level);
    table.collect(record.data(), width, lanes, block, i);
    i += lanes;
  }
}

}  // namespace npo

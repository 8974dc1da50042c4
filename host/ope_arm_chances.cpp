#include "host/ope_arm_chances.hpp"

#include <algorithm>

#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr std::uint64_t block_rows = 16 * tile_rows;

}  // namespace

ArmChances::ArmChances(const DecisionRun& run)
    : arms_(run.identity().thresholds.size()), step_(run.identity().fleets.size() * (arms_ + 1), -1.0) {
  const auto& thresholds = run.identity().thresholds;
  for (std::size_t fleet = 0; fleet < run.identity().fleets.size(); ++fleet) {
    step_[fleet * (arms_ + 1)] = 0.0;
    step_[fleet * (arms_ + 1) + arms_] = 1.0;
  }
  const DecisionRun::Want want{.fleet = true, .score = true, .decision = true, .p_surfaced = true};
  for (std::uint64_t first = 0; first < run.rows(); first += block_rows) {
    const DecisionRows block = run.read(first, std::min(block_rows, run.rows() - first), want);
    for (std::size_t i = 0; i < block.rows(); ++i) {
      if (block.decision[i] == static_cast<std::uint8_t>(Decision::blocked)) continue;
      const auto reached =
          static_cast<std::size_t>(std::count_if(thresholds.begin(), thresholds.end(), [&](float threshold) {
            return threshold <= block.score[i];
          }));
      step_[block.fleet[i] * (arms_ + 1) + reached] = static_cast<double>(block.p_surfaced[i]);
    }
  }
}

double ArmChances::of(std::uint32_t fleet, std::uint8_t arm) const {
  const double below = step_[fleet * (arms_ + 1) + arm], above = step_[fleet * (arms_ + 1) + arm + 1u];
  return below < 0.0 || above < 0.0 ? 0.0 : above - below;
}

}  // namespace npo

#include <algorithm>
#include <bit>
#include <numeric>

#include "kernels/bandit_recorder.hpp"
#include "kernels/bandit_table.hpp"

namespace npo {
namespace {

/// Reads a bandit that stops after every step.
class Tracer final : public BanditRecorder {
 public:
  Tracer(const BanditTable& table, BanditTrace& trace)
      : table_(table), trace_(trace), plays_(table.arms()), mean_(table.arms()) {}

  void take(std::uint32_t step, std::uint32_t row, std::uint32_t word) override {
    const std::uint32_t arms = table_.arms();
    if (row < arms) {
      if (word != plays_[row]) trace_.arm.push_back(row);
      plays_[row] = word;
    } else if (row == arms) {
      trace_.reward.push_back(word != successes_);
      successes_ = word;
      if (!table_.draws_arms()) finish_given(step);
    } else {
      mean_[row - arms - 1] = std::bit_cast<float>(word) * 0x1p-24f;
      if (row == 2 * arms) finish_drawn();
    }
  }

 private:
  void finish_given(std::uint32_t step) {
    const std::uint32_t segment = table_.segments()[step], arm = trace_.arm.back();
    const float mean = table_.mean24()[segment * table_.arms() + arm] * 0x1p-24f;
    const double gap = table_.gap(segment, arm);
    finish(mean, static_cast<float>(static_cast<double>(mean) + gap), gap);
  }
  void finish_drawn() {
    const float best = *std::max_element(mean_.begin(), mean_.end()), mean = mean_[trace_.arm.back()];
    finish(mean, best, static_cast<double>(best) - static_cast<double>(mean));
  }
  void finish(float mean, float best, double gap) {
    trace_.mean.push_back(mean);
    trace_.best_mean.push_back(best);
    trace_.regret.push_back((trace_.regret.empty() ? 0.0 : trace_.regret.back()) + gap);
  }

  const BanditTable& table_;
  BanditTrace& trace_;
  std::vector<std::uint32_t> plays_;
  std::vector<float> mean_;
  std::uint32_t successes_ = 0;
};

}  // namespace

BanditTrace trace_bandit(const BanditPoint& point, StudySeed seed, std::uint64_t replicate) {
  check_replicates(seed, {replicate, 1});
  std::vector<std::uint32_t> every_step(point.horizon);
  std::iota(every_step.begin(), every_step.end(), 1u);
  const BanditTable table(point, seed, every_step);
  const BanditPlan plan = table.plan();
  BanditWorkspace workspace(plan);
  BanditTrace trace;
  Tracer tracer(table, trace);
  record_bandit(plan, study_entity(seed, replicate), workspace.rows(), tracer);
  return trace;
}

}  // namespace npo

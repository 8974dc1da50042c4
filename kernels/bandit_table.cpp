#include "kernels/bandit_table.hpp"

#include <algorithm>

namespace npo {
namespace {

/// The point, once it is known to be within its ranges.
const BanditPoint& checked(const BanditPoint& point) {
  validate(point);
  return point;
}

}  // namespace

BanditTable::BanditTable(const BanditPoint& point, StudySeed seed, std::span<const std::uint32_t> checkpoints)
    : policy_(checked(point).policy, point.arms),
      seed_(seed),
      draw_a_(static_cast<float>(point.draw_a)),
      draw_b_(static_cast<float>(point.draw_b)),
      checkpoints_(checkpoints.size()) {
  check_checkpoints(checkpoints, point.horizon);
  cut_time(point, checkpoints);
  take_means(point);
}

void BanditTable::cut_time(const BanditPoint& point, std::span<const std::uint32_t> checkpoints) {
  const std::uint32_t end = checkpoints.back(), length = point.break_every;
  const std::size_t given = point.means.size() / point.arms;
  const std::size_t segments = length == 0  ? 1
                               : given == 0 ? max_bandit_segments
                                            : std::max<std::size_t>(given, 1);
  stops_.assign(checkpoints.begin(), checkpoints.end());
  for (std::size_t i = 1; i < segments && i * length < end; ++i)
    stops_.push_back(static_cast<std::uint32_t>(i * length));
  std::ranges::sort(stops_);
  stops_.erase(std::ranges::unique(stops_).begin(), stops_.end());
  for (const std::uint32_t stop : stops_) {
    const std::size_t segment = length == 0 ? 0 : std::min<std::size_t>((stop - 1) / length, segments - 1);
    segments_.push_back(static_cast<std::uint32_t>(segment));
    is_checkpoint_.push_back(std::ranges::binary_search(checkpoints, stop));
  }
}

void BanditTable::take_means(const BanditPoint& point) {
  for (std::size_t first = 0; first < point.means.size(); first += point.arms) {
    const auto segment = std::span(point.means).subspan(first, point.arms);
    const double best = std::ranges::max(segment);
    for (const double mean : segment) {
      mean24_.push_back(static_cast<float>(mean * 0x1p24));
      gap_.push_back(best - mean);
    }
  }
}

BanditPlan BanditTable::plan() const {
  return {policy_,
          seed_.seed,
          stops_.data(),
          segments_.data(),
          static_cast<std::uint32_t>(stops_.size()),
          mean24_.empty() ? nullptr : mean24_.data(),
          draw_a_,
          draw_b_};
}

BanditWorkspace::BanditWorkspace(const BanditPlan& plan)
    : slides_(plan.policy.kind == StudyPolicy::sliding_thompson) {
  if (takes_joint_path(plan.policy)) return;
  const std::size_t size = plan.policy.arms * stride;
  success_.resize(size);
  failure_.resize(size);
  mean24_.resize(size);
  plays_.resize(size);
  if (!slides_) return;
  learned_.resize(stride);
  recent_.resize(plan.policy.window * stride);
}

BanditRows BanditWorkspace::rows() {
  if (success_.empty()) return {{nullptr, nullptr, stride}, nullptr, nullptr};
  std::ranges::fill(success_, 0.0f);
  std::ranges::fill(failure_, 0.0f);
  std::ranges::fill(plays_, 0u);
  std::ranges::fill(learned_, 0u);
  std::ranges::fill(recent_, std::uint16_t{0});
  return {{success_.data(), failure_.data(), stride, slides_ ? recent_.data() : nullptr,
           slides_ ? learned_.data() : nullptr},
          plays_.data(),
          mean24_.data()};
}

}  // namespace npo

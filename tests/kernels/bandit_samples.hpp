#pragma once
#include <bit>
#include <string>
#include <vector>

#include "kernels/study_metrics.hpp"
#include "kernels/study_run.hpp"

/// Bandit points of every kind, and their results as bits.
namespace npo::bandit_test {

inline const std::vector<std::uint32_t> checkpoints = {1, 2, 7, 60, 150};

inline std::vector<double> spread(std::uint32_t arms) {
  std::vector<double> means;
  for (std::uint32_t k = 0; k < arms; ++k) means.push_back((k + 1.0) / (arms + 1.0));
  return means;
}

inline BanditPoint point_of(StudyPolicy policy, std::uint32_t arms) {
  BanditPoint point;
  point.policy.kind = policy;
  point.policy.window = 20;
  point.policy.fixed_arm = arms - 1;
  point.arms = arms;
  point.means = spread(arms);
  point.horizon = 150;
  return point;
}

inline BanditPoint drawn(BanditPoint point) {
  point.means.clear();
  point.draw_a = 2.0;
  return point;
}

inline BanditPoint with_breaks(BanditPoint point, std::uint32_t length) {
  point.break_every = length;
  if (point.means.empty()) return point;
  const std::vector<double> first = point.means;
  point.means.insert(point.means.end(), first.rbegin(), first.rend());
  point.means.insert(point.means.end(), first.begin(), first.end());
  return point;
}

/// One of everything: each policy, both paths, given, drawn and changing arms.
inline std::vector<BanditPoint> assorted_points() {
  std::vector<BanditPoint> points;
  for (int policy = 0; policy < study_policy_count; ++policy)
    points.push_back(point_of(static_cast<StudyPolicy>(policy), 4));
  for (const std::uint32_t arms : {2u, 3u, 5u, 6u, 7u, 8u, 9u, 10u, 11u, 32u, 300u})
    points.push_back(point_of(StudyPolicy::thompson, arms));
  for (const std::uint32_t arms : {5u, 12u}) {
    points.push_back(drawn(point_of(StudyPolicy::thompson, arms)));
    points.push_back(with_breaks(point_of(StudyPolicy::thompson, arms), 40));
    points.push_back(with_breaks(drawn(point_of(StudyPolicy::discounted_thompson, arms)), 7));
  }
  points.push_back(point_of(StudyPolicy::kl_ucb, 32));
  points.back().policy.log_log = 3.0;
  return points;
}

inline std::string text_of(const BanditPoint& point) {
  return std::string(name_of(point.policy.kind)) + ", " + std::to_string(point.arms) + " arms, " +
         (point.means.empty() ? "drawn" : "given") + ", breaks " + std::to_string(point.break_every);
}

using Bits = std::vector<std::uint32_t>;

/// [checkpoint][column][replicate], without padding.
inline Bits bits_of(const StudyBlock& block) {
  Bits bits;
  for (std::size_t c = 0; c < block.checkpoints(); ++c)
    for (std::size_t k = 0; k < block.columns(); ++k)
      for (const float x : block.column(c, k)) bits.push_back(std::bit_cast<std::uint32_t>(x));
  return bits;
}

inline Bits simulated(const BanditPoint& point, ReplicateRange range, SimdLevel level = widest_simd_level(),
                      StudySeed seed = {7, 0}) {
  StudyBlock block;
  simulate_bandits(point, seed, range, checkpoints, level, block);
  return bits_of(block);
}

}  // namespace npo::bandit_test

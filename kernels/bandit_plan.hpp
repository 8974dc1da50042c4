#pragma once
#include <cstdint>

#include "kernels/arm_policy.hpp"

/// A bandit point as lanes and GPU threads read it: plain pointers, nothing owned.
///
/// Time is cut at *stops*: the checkpoints and the ends of segments, so that the arms do not change between
/// two stops. At each stop a bandit records `rows` words: plays of each arm since the start, successes since
/// the start and, where the arms are drawn, the bits of 2^24 times the mean of each arm of the segment.
namespace npo {

struct BanditPlan {
  ArmPlan policy;
  std::uint64_t seed;
  const std::uint32_t* stop;     ///< [stops] episode numbers, ascending
  const std::uint32_t* segment;  ///< [stops] the segment whose arms are played up to this stop
  std::uint32_t stops;
  const float* mean24;  ///< [segment][arm] 2^24 P(success); null: drawn
  float draw_a, draw_b;

  NPO_HD std::uint32_t rows() const { return policy.arms + 1 + (mean24 ? 0 : policy.arms); }
};

/// The numbers that a bandit of the general path keeps in memory, lane i of row k at [k * stride + i].
struct BanditRows {
  ArmRows counts;        ///< of the policy
  std::uint32_t* plays;  ///< [arms][stride]
  float* mean24;         ///< [arms][stride]
};

/// Bandits of more arms, or of another policy than plain Thompson sampling, take the general path.
inline constexpr std::uint32_t max_joint_arms = 10;
NPO_HD bool takes_joint_path(const ArmPlan& policy) {
  return policy.kind == StudyPolicy::thompson && policy.arms <= max_joint_arms;
}

}  // namespace npo

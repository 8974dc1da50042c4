#pragma once
#include <cstddef>

#include "kernels/bandit_step.hpp"

/// The CPU driver of bandits: one pack of lanes. Plain pointers, so that files compiled for a wider
/// instruction set hold no shared inline function.
namespace npo {

/// Consecutive replicates that fill a pack, or its first `lanes` lanes.
struct BanditPack {
  std::uint64_t entity;   ///< of the first; the low words of all do not wrap around
  int lanes;              ///< 1 to the level's width
  BanditRows rows;        ///< zero, for the general path; null for the joint one
  std::uint32_t* record;  ///< [stops][rows of the plan][record_stride], this pack's first lane
  std::size_t record_stride;
};

void run_bandits_scalar(const BanditPlan& plan, const BanditPack& pack);
void run_bandits_avx2(const BanditPlan& plan, const BanditPack& pack);
void run_bandits_avx512(const BanditPlan& plan, const BanditPack& pack);

/// Calls body.template operator()<K>() for the joint path's number of arms.
template <class Body>
NPO_HD void with_joint_arms(std::uint32_t arms, const Body& body) {
  switch (arms) {
    case 2:
      return body.template operator()<2>();
    case 3:
      return body.template operator()<3>();
    case 4:
      return body.template operator()<4>();
    case 5:
      return body.template operator()<5>();
    case 6:
      return body.template operator()<6>();
    case 7:
      return body.template operator()<7>();
    case 8:
      return body.template operator()<8>();
    case 9:
      return body.template operator()<9>();
    default:
      return body.template operator()<10>();
  }
}

/// Not inlined, so that each number of arms has a function and registers of its own.
template <class L, int K, class Record>
__attribute__((noinline)) void run_joint_bandits(const BanditPlan& plan, const PhiloxKey& key,
                                                 const BetaSampler<L>& sampler, const BanditLanes<L>& lanes,
                                                 const Record& record) {
  JointBandit<L, K> bandit(plan, key, sampler, lanes);
  run_bandit<L>(plan, bandit, record);
}

template <class L, class Record>
void run_bandits_recording(const BanditPlan& plan, std::uint64_t entity, int lane_count,
                           const BanditRows& rows, const Record& record) {
  const PhiloxKey key(plan.seed);
  const BetaSampler<L> sampler(beta_tables);
  const BanditLanes<L> lanes{L::iota() + typename L::U(static_cast<std::uint32_t>(entity)),
                             static_cast<std::uint32_t>(entity >> 32), L::first(lane_count)};
  if (takes_joint_path(plan.policy)) {
    with_joint_arms(plan.policy.arms,
                    [&]<int K>() { run_joint_bandits<L, K>(plan, key, sampler, lanes, record); });
  } else {
    PolicyBandit<L> bandit(plan, key, sampler, lanes, rows);
    run_bandit<L>(plan, bandit, record);
  }
}

/// A pack whose words go to its record.
template <class L>
void run_bandits_with(const BanditPlan& plan, const BanditPack& pack) {
  const auto record = [&](std::uint32_t stop, std::uint32_t row, typename L::U word) {
    const std::size_t at = std::size_t{stop} * plan.rows() + row;
    L::store_first(pack.record + at * pack.record_stride, pack.lanes, word);
  };
  run_bandits_recording<L>(plan, pack.entity, pack.lanes, pack.rows, record);
}

}  // namespace npo

#pragma once
#include "kernels/loop_chooser.hpp"
#include "kernels/loop_episode.hpp"

/// The CPU driver of closed loops: packs of replicates. Plain pointers, so that files compiled for a wider
/// instruction set hold no shared inline function.
namespace npo {

/// A block of replicates. Memory is for one pack of `stride` lanes and is used again by each.
struct LoopWork {
  const LoopPlan* plan;
  const ArmPlan* policy;
  std::uint64_t seed;
  std::uint64_t first_entity;
  std::size_t count;
  LoopMemory memory;
  ArmRows arm_rows;
  float* values;  ///< [checkpoint][column][value_stride], zero
  std::size_t value_stride;
  bool simple;  ///< the short path will do
};

void simulate_loops_scalar(const LoopWork& work);
void simulate_loops_avx2(const LoopWork& work);
void simulate_loops_avx512(const LoopWork& work);

/// Entities first, first + 1, ... by lane.
template <class L>
NPO_HD LoopEntity<L> entities_from(std::uint64_t first) {
  using U = typename L::U;
  const std::uint32_t low = static_cast<std::uint32_t>(first), high = static_cast<std::uint32_t>(first >> 32);
  const U lows = U(low) + L::iota();
  // A carry shows as a low word below the first one.
  const U carry = low > 0xffffffffu - 64u ? (lows >> 31) ^ U(1u) : U(0u);
  return {lows, U(high) + carry};
}

/// The facts of an episode go to `watcher`, which a trace uses.
template <class L, bool general, class Chooser, class Watcher>
NPO_HD void run_loop_pack(const LoopPlan& plan, const LoopMemory& memory, const PhiloxKey& key,
                          const BetaSampler<L>& sampler, Chooser& chooser, LoopEntity<L> entity, int lanes,
                          const LoopColumns& out, Watcher& watcher) {
  LoopReplicates<L, Chooser, general> replicates(plan, memory, key, sampler, chooser, entity, out);
  replicates.begin(lanes);
  while (L::any(replicates.alive())) watcher(replicates.advance());
}

template <class L>
struct NoWatcher {
  NPO_HD void operator()(const LoopFacts<L>&) const {}
};

/// Puts the counts of a policy back to the start.
template <class L>
NPO_HD void clear_arm_rows(const ArmPlan& policy, const ArmRows& rows) {
  for (std::uint32_t k = 0; k < policy.arms; ++k) {
    L::store(rows.success + k * rows.stride, typename L::F(0.0f));
    L::store(rows.failure + k * rows.stride, typename L::F(0.0f));
  }
  if (policy.kind != StudyPolicy::sliding_thompson) return;
  for (std::size_t i = 0; i < policy.window; ++i)
    for (int lane = 0; lane < L::width; ++lane)
      rows.recent[i * rows.stride + static_cast<std::size_t>(lane)] = 0;
  L::store(rows.learned, typename L::U(0u));
}

/// The arms that have a path of their own.
inline constexpr std::uint32_t joint_loop_arms = 5;

/// Runs one pack with the chooser that policy and number of arms ask for. Which one depends on the point
/// alone.
template <class L, class Watcher>
NPO_HD void choose_and_run_pack(const LoopWork& work, const PhiloxKey& key, const BetaSampler<L>& sampler,
                                std::uint64_t entity, int lanes, const LoopColumns& out, Watcher& watcher) {
  const LoopPlan& plan = *work.plan;
  const ArmPlan& policy = *work.policy;
  const LoopEntity<L> entities = entities_from<L>(entity);
  if (policy.kind == StudyPolicy::thompson && plan.arms == joint_loop_arms) {
    if (work.simple) {
      JointChooser<L, joint_loop_arms, false> chooser(policy, sampler);
      run_loop_pack<L, false>(plan, work.memory, key, sampler, chooser, entities, lanes, out, watcher);
    } else {
      JointChooser<L, joint_loop_arms, true> chooser(policy, sampler);
      run_loop_pack<L, true>(plan, work.memory, key, sampler, chooser, entities, lanes, out, watcher);
    }
  } else {
    clear_arm_rows<L>(policy, work.arm_rows);
    PolicyChooser<L> chooser(policy, sampler, work.arm_rows);
    run_loop_pack<L, true>(plan, work.memory, key, sampler, chooser, entities, lanes, out, watcher);
  }
}

template <class L>
void simulate_loops_with(const LoopWork& work) {
  const PhiloxKey key(work.seed);
  const BetaSampler<L> sampler(beta_tables);
  for (std::size_t begin = 0; begin < work.count; begin += L::width) {
    const std::size_t left = work.count - begin;
    const int lanes = left < static_cast<std::size_t>(L::width) ? static_cast<int>(left) : L::width;
    const LoopColumns out{work.values + begin, work.value_stride, work.plan->columns};
    const NoWatcher<L> nobody;
    choose_and_run_pack<L>(work, key, sampler, work.first_entity + begin, lanes, out, nobody);
  }
}

}  // namespace npo

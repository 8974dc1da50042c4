#pragma once
#include "kernels/loop_chooser.hpp"
#include "kernels/loop_columns.hpp"
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

/// Entities first, first + 1, ... by lane; their low words must not wrap around within a block.
template <class L>
NPO_HD LoopEntity<L> entities_from(std::uint64_t first) {
  return {typename L::U(static_cast<std::uint32_t>(first)) + L::iota(),
          static_cast<std::uint32_t>(first >> 32)};
}

/// One pack from beginning to end. The facts of each episode go to `watcher`, which a trace uses.
template <class L, bool general, class Chooser, class Watcher>
NPO_HD void run_loop_pack(const LoopWork& work, const PhiloxKey& key, const BetaSampler<L>& sampler,
                          Chooser& chooser, LoopEntity<L> entity, int lanes, const LoopColumns& out,
                          Watcher& watcher) {
  LoopReplicates<L, Chooser, general> replicates(*work.plan, work.memory, key, sampler, chooser, entity);
  replicates.begin(lanes);
  while (L::any(replicates.alive())) watcher(replicates.advance());
  const LoopColumnWriter<L> write_columns(*work.plan, work.memory, out);
  write_columns();
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

/// Calls run.template operator()<general>(chooser) with the chooser and the path that the point asks for.
template <class L, class Run>
NPO_HD void with_chooser(const LoopWork& work, const BetaSampler<L>& sampler, const Run& run) {
  const ArmPlan& policy = *work.policy;
  if (policy.kind == StudyPolicy::thompson && policy.arms == joint_loop_arms) {
    if (work.simple) {
      JointChooser<L, joint_loop_arms, false> chooser(policy, sampler);
      run.template operator()<false>(chooser);
    } else {
      JointChooser<L, joint_loop_arms, true> chooser(policy, sampler);
      run.template operator()<true>(chooser);
    }
  } else {
    clear_arm_rows<L>(policy, work.arm_rows);
    PolicyChooser<L> chooser(policy, sampler, work.arm_rows);
    run.template operator()<true>(chooser);
  }
}

/// Packs one after the other. Each path is a function of its own, for the compiler's sake.
template <class L>
struct LoopPackRunner {
  const LoopWork& work;
  const PhiloxKey& key;
  const BetaSampler<L>& sampler;
  std::size_t begin;
  int lanes;

  template <bool general, class Chooser>
  __attribute__((noinline)) void operator()(Chooser& chooser) const {
    const NoWatcher<L> nobody;
    run_loop_pack<L, general>(work, key, sampler, chooser, entities_from<L>(work.first_entity + begin), lanes,
                              {work.values + begin, work.value_stride, work.plan->columns}, nobody);
  }
};

template <class L>
void simulate_loops_with(const LoopWork& work) {
  const PhiloxKey key(work.seed);
  const BetaSampler<L> sampler(beta_tables);
  for (std::size_t begin = 0; begin < work.count; begin += L::width) {
    const std::size_t left = work.count - begin;
    const int lanes = left < static_cast<std::size_t>(L::width) ? static_cast<int>(left) : L::width;
    with_chooser<L>(work, sampler, LoopPackRunner<L>{work, key, sampler, begin, lanes});
  }
}

}  // namespace npo

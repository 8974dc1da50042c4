#include <vector>

#include "kernels/simulate_loops.hpp"

namespace npo {
namespace {

using L = lane::Scalar;

/// z, which the simulation draws together with the answer: what the operator wants follows from where luck
/// fell among the ways to the same answer (spec section 8, steps 5 to 8).
bool wanted(const LoopOperator& op, bool adversarial, const LoopFacts<L>& facts) {
  const double luck = facts.luck, latent = facts.latent;
  if (facts.cell == loop_no_cell) return luck < latent;
  const bool surfaced = facts.cell >= 4;
  const double right = surfaced ? latent : 1.0 - latent, wrong = 1.0 - right;
  const double look = surfaced ? op.look_surfaced : op.look_withheld, swap = adversarial ? 1.0 : op.swap;
  const double overridden = look * ((1.0 - swap) * wrong + swap * (1.0 - op.neutral_share) * right);
  bool was_right = true;
  switch (static_cast<FeedbackKind>(facts.cell & 3u)) {
    case FeedbackKind::override_decision:
      was_right = luck >= look * (1.0 - swap) * wrong;
      break;
    case FeedbackKind::like:
      was_right = luck < overridden + look * (1.0 - swap) * (1.0 - op.neutral_share) * right;
      break;
    case FeedbackKind::skipped:
      was_right = luck - look < (1.0 - look) * right;
      break;
    default:
      break;
  }
  return was_right == surfaced;
}

/// Writes each episode down.
struct TraceWriter {
  const LoopOperator& op;
  bool adversarial;
  LoopTrace& trace;

  void operator()(const LoopFacts<L>& facts) const {
    if (!facts.happened) return;
    const bool blocked = facts.cell == loop_no_cell, tenth = (trace.scenario.size() + 1) % 10 == 0;
    const bool has_line = facts.line < 1e29f;
    trace.scenario.push_back(facts.scenario);
    trace.arm.push_back(static_cast<std::uint8_t>(facts.arm));
    trace.decision.push_back(
        static_cast<std::uint8_t>(blocked ? static_cast<std::uint32_t>(Decision::blocked) : facts.cell >> 2));
    trace.feedback.push_back(static_cast<std::uint8_t>(
        blocked ? static_cast<std::uint32_t>(FeedbackKind::skipped) : facts.cell & 3u));
    trace.wanted.push_back(wanted(op, adversarial, facts) ? 1 : 0);
    trace.latent.push_back(facts.latent);
    trace.score.push_back(facts.score);
    trace.monitored_loss.push_back(facts.speaks ? facts.monitored : -1.0f);
    trace.line.push_back(has_line ? facts.line : -1.0f);
    trace.expected_loss.push_back(tenth ? facts.expected : -1.0f);
    trace.alarm.push_back(facts.alarm ? 1 : 0);
    trace.truth.push_back(tenth ? (facts.truth ? 1 : 0) : 255);
    trace.scored.push_back(tenth && facts.counts ? 1 : 0);
    trace.retrain.push_back(facts.retrain ? 1 : 0);
  }
};

}  // namespace

LoopTrace trace_loop(const LoopPoint& point, StudySeed seed, std::uint64_t replicate) {
  check_replicates(seed, {replicate, 1});
  const std::vector<std::uint32_t> checkpoints{point.horizon};
  const LoopPlanData data(point, checkpoints);
  const LoopPlan& plan = data.plan();
  const ArmPlan policy(data.policy(), plan.arms);
  const LoopMemoryBlock memory(plan, policy, 1);
  std::vector<float> columns(plan.columns);
  const LoopWork work{&plan,
                      &policy,
                      seed.seed,
                      study_entity(seed, replicate),
                      1,
                      memory.memory(),
                      memory.arm_rows(),
                      columns.data(),
                      1,
                      false};
  const PhiloxKey key(seed.seed);
  const BetaSampler<L> sampler(beta_tables);
  const Philox<L> random(key);
  const LoopEntity<L> entity = entities_from<L>(work.first_entity);
  LoopTrace trace;
  const TraceWriter write{point.op, LoopWorldDrawer<L>(plan, random, sampler, entity).draw_adversarial(),
                          trace};
  with_chooser<L>(work, sampler, [&]<bool general>(auto& chooser) {
    run_loop_pack<L, general>(work, key, sampler, chooser, entity, 1, {columns.data(), 1, plan.columns},
                              write);
  });
  return trace;
}

}  // namespace npo

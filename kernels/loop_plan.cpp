#include "kernels/loop_plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "kernels/alias_table.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/study_metrics.hpp"
#include "kernels/study_run.hpp"

namespace npo {
namespace {

constexpr int overridden = static_cast<int>(FeedbackKind::override_decision);
constexpr int liked = static_cast<int>(FeedbackKind::like);
constexpr int neutral = static_cast<int>(FeedbackKind::neutral);
constexpr int skipped = static_cast<int>(FeedbackKind::skipped);
constexpr float no_update = -1.0f;

/// What reaches the learner of an answer; -1 where it is hidden altogether from scores and bandit.
struct SeenAnswer {
  int kind;
  bool learned;
};
SeenAnswer seen_by_learner(LoopAblation ablation, int kind) {
  if (ablation == LoopAblation::no_override && kind == overridden) return {skipped, true};
  if (ablation == LoopAblation::reward_only && kind != liked) return {skipped, false};
  return {kind, true};
}

/// y(d, f) of spec section 3.
float target_of(LoopTarget target, int decision, int kind, float lambda) {
  const bool surfaced = decision == static_cast<int>(Decision::surfaced);
  if (kind == neutral) return 0.5f;
  if (target == LoopTarget::literal) return kind == overridden ? 1.0f : kind == liked ? 0.0f : lambda;
  if (kind == skipped) return no_update;
  return (kind == liked) == surfaced ? 1.0f : 0.0f;
}

std::uint32_t code_of(int kind) {
  return kind == overridden ? seen_override
         : kind == liked    ? seen_like
         : kind == neutral  ? seen_neutral
                            : seen_skipped;
}

float loss_of(int kind, float lambda) {
  return kind == overridden ? 1.0f : kind == liked ? 0.0f : kind == neutral ? 0.5f : lambda;
}

float bits_as_float(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

/// What is taught and what is counted of each cell.
void fill_cells(const LoopPoint& point, LoopTables& tables) {
  const float lambda = static_cast<float>(point.op.lambda);
  for (int decision = 0; decision < 2; ++decision) {
    for (int kind = 0; kind < answer_count; ++kind) {
      const int cell = 4 * decision + kind;
      const SeenAnswer seen = seen_by_learner(point.ablation, kind);
      tables.target[cell] =
          seen.learned ? target_of(point.learning.target, decision, seen.kind, lambda) : no_update;
      tables.credit[cell] = !seen.learned             ? 0.0f
                            : seen.kind == liked      ? 1.0f
                            : seen.kind == overridden ? -1.0f
                                                      : 0.0f;
      tables.seen[cell] = bits_as_float(code_of(seen.kind));
      tables.seen_loss[cell] = loss_of(seen.kind, lambda);
      const std::uint32_t surfaced = decision == static_cast<int>(Decision::surfaced) ? 1u << 16 : 0u;
      tables.counts[cell] = bits_as_float(kind == overridden ? 1u : kind == liked ? 1u << 16 : 0u);
      tables.more_counts[cell] = bits_as_float((kind == neutral ? 1u : 0u) | surfaced);
      tables.other_counts[cell] = bits_as_float(kind == overridden && surfaced ? 1u : 0u);
    }
  }
  tables.target[loop_no_cell] = no_update;
  tables.other_counts[loop_no_cell] = bits_as_float(1u << 16);
}

/// A line in p_s.
struct Line {
  double offset, slope;
  double at(double p) const { return offset + slope * p; }
};
Line operator*(double a, Line line) {
  return {a * line.offset, a * line.slope};
}
Line operator+(Line a, Line b) {
  return {a.offset + b.offset, a.slope + b.slope};
}

/// The law of an answer to one kind of decision (spec section 8, steps 5 to 8).
struct AnswerLaw {
  double look, neutral, swap;
  Line right;  ///< P(the decision is right)

  Line wrong() const { return Line{1.0, 0.0} + -1.0 * right; }
  Line overridden() const { return look * ((1.0 - swap) * wrong() + swap * (1.0 - neutral) * right); }
  Line liked() const { return look * ((1.0 - swap) * (1.0 - neutral) * right + swap * wrong()); }
  /// E l(f).
  Line loss(double lambda) const {
    return overridden() + 0.5 * look * neutral * right + Line{(1.0 - look) * lambda, 0.0};
  }
};
AnswerLaw law_of(const LoopOperator& op, bool surfaced, double swap) {
  return {surfaced ? op.look_surfaced : op.look_withheld, op.neutral_share, swap,
          surfaced ? Line{0.0, 1.0} : Line{1.0, -1.0}};
}

void fill_cuts(const LoopOperator& op, LoopTables& tables) {
  for (int adversarial = 0; adversarial < 2; ++adversarial) {
    for (int surfaced = 0; surfaced < 2; ++surfaced) {
      const AnswerLaw law = law_of(op, surfaced != 0, adversarial ? 1.0 : op.swap);
      const Line cuts[3] = {law.overridden(), law.overridden() + law.liked(), {law.look, 0.0}};
      for (int i = 0; i < 3; ++i) {
        tables.cut_offset[i][2 * adversarial + surfaced] = static_cast<float>(cuts[i].offset);
        tables.cut_slope[i][2 * adversarial + surfaced] = static_cast<float>(cuts[i].slope);
      }
    }
  }
}

/// Evenly spread over the scenarios, so that a share of the popular ones is blocked too.
std::vector<std::uint32_t> blocked_scenarios(const LoopWorld& world) {
  const auto count = static_cast<std::uint64_t>(world.blocked_share * world.scenarios + 0.5);
  std::vector<std::uint32_t> blocked;
  if (count == 0) return blocked;
  for (std::uint64_t s = 0; s < world.scenarios; ++s)
    blocked.push_back(s * count % world.scenarios + count >= world.scenarios ? 1u : 0u);
  return blocked;
}

void fill_losses(const LoopPoint& point, std::uint32_t blocked, LoopPlan& plan) {
  const std::uint32_t scenarios = point.world.scenarios, open = scenarios - blocked;
  const int bits = std::min(24, 30 - static_cast<int>(std::bit_width(scenarios - 1)));
  const double scale = static_cast<double>(1u << bits);
  const Line surfaced = scale * law_of(point.op, true, 0.0).loss(point.op.lambda);
  const Line withheld = scale * law_of(point.op, false, 0.0).loss(point.op.lambda);
  plan.unit_scale = static_cast<float>(scale);
  plan.unit = open == 0 ? 0.0f : static_cast<float>(1.0 / (scale * open));
  plan.scenario_unit = static_cast<float>(1.0 / (scale * scenarios));
  plan.surfaced_offset = static_cast<float>(surfaced.offset);
  plan.surfaced_slope = static_cast<float>(surfaced.slope);
  plan.withheld_offset = static_cast<float>(withheld.offset);
  plan.withheld_slope = static_cast<float>(withheld.slope);
}

/// The nearest arm takes the ablated threshold and is always drawn.
std::uint32_t ablated_arm(const LoopPoint& point) {
  const auto nearest =
      std::min_element(point.thresholds.begin(), point.thresholds.end(), [&](double a, double b) {
        return std::abs(a - point.ablated_threshold) < std::abs(b - point.ablated_threshold);
      });
  return static_cast<std::uint32_t>(nearest - point.thresholds.begin());
}

/// Episodes that must have passed since the last retrain; no replicate is long enough for the last answer.
std::uint32_t gap_of(const LoopMonitor& monitor) {
  if (monitor.on_alarm == LoopOnAlarm::watch) return 2 * loop_long_ago - 1;
  return std::min(monitor.min_gap, loop_long_ago);
}

void fill_monitor(const LoopPoint& point, LoopPlan& plan) {
  const LoopMonitor& monitor = point.monitor;
  plan.window = monitor.window;
  plan.min_gap = gap_of(monitor);
  plan.interval = point.ablation == LoopAblation::fixed_interval ? point.ablated_interval : 0;
  plan.monitors = monitor.kind != LoopMonitorKind::off && point.ablation != LoopAblation::no_monitor &&
                  point.ablation != LoopAblation::fixed_interval;
  plan.refill_counts = monitor.refill == LoopRefill::silent;
  plan.ewma = monitor.kind == LoopMonitorKind::ewma;
  plan.reference = monitor.reference;
  plan.inverse_window = static_cast<float>(1.0 / monitor.window);
  plan.ewma_gain = static_cast<float>(1.0 - elementary64::pow(0.5, 1.0 / monitor.half_life));
  plan.lambda = static_cast<float>(point.op.lambda);
  plan.delta = static_cast<float>(monitor.delta);
  plan.theta = static_cast<float>(monitor.theta);
  plan.noise = static_cast<float>(monitor.noise);
  plan.smooth = static_cast<float>(monitor.smooth);
}

/// All stops up to the last checkpoint, and one that is never reached.
std::vector<LoopStop> stops_of(std::span<const std::uint32_t> checkpoints,
                               const std::vector<std::uint32_t>& drift_episodes) {
  std::vector<LoopStop> stops;
  std::uint32_t now = 0, drifts = !drift_episodes.empty() && drift_episodes.front() == 1 ? 1 : 0;
  for (std::uint32_t row = 0; row < checkpoints.size(); ++row) {
    while (now < checkpoints[row]) {
      const bool drifts_left = drifts < drift_episodes.size();
      const std::uint32_t before_drift = drifts_left ? drift_episodes[drifts] - 1 : 0xfffffffeu;
      now = std::min({checkpoints[row], now + loop_max_stretch, before_drift});
      LoopStop stop{now, row, 0, now == checkpoints[row]};
      if (now == before_drift) stop.drift = ++drifts;
      stops.push_back(stop);
    }
  }
  stops.push_back({0xffffffffu, 0, 0, false});
  return stops;
}

}  // namespace

LoopPlanData::LoopPlanData(const LoopPoint& point, std::span<const std::uint32_t> checkpoints)
    : policy_(point.policy) {
  validate(point);
  check_checkpoints(checkpoints, point.horizon);
  const LoopWorld& world = point.world;
  if (world.drift_episodes.size() > loop_max_drifts)
    throw Error(ErrorKind::usage, std::to_string(world.drift_episodes.size()) + " drift episodes",
                "at most " + std::to_string(loop_max_drifts) + " are possible");
  plan_.scenarios = world.scenarios;
  plan_.arms = static_cast<std::uint32_t>(point.thresholds.size());
  plan_.horizon = checkpoints.back();
  plan_.delay = point.learning.delay;
  plan_.columns = loop_columns(plan_.arms);
  fill_cells(point, plan_.tables);
  fill_cuts(point.op, plan_.tables);
  for (std::size_t k = 0; k < point.thresholds.size(); ++k)
    plan_.tables.threshold[k] = static_cast<float>(point.thresholds[k]);
  if (point.ablation == LoopAblation::fixed_threshold) {
    policy_.kind = StudyPolicy::fixed;
    policy_.fixed_arm = ablated_arm(point);
    plan_.tables.threshold[policy_.fixed_arm] = static_cast<float>(point.ablated_threshold);
  }

  plan_.latent = world.latent;
  plan_.base_rate = static_cast<float>(world.base_rate);
  plan_.latent_a = static_cast<float>(world.latent_a);
  plan_.latent_b = static_cast<float>(world.latent_b);
  plan_.initial_noise = static_cast<float>(world.initial_noise);
  plan_.initial_slope = static_cast<float>(world.initial_slope);
  plan_.redraw = static_cast<float>(world.redraw);
  plan_.adversarial = static_cast<float>(point.op.adversarial);
  plan_.wide = world.zipf > 0.0 || world.scenarios > 256;
  if (world.zipf > 0.0) {
    std::vector<double> weight(world.scenarios);
    for (std::uint32_t s = 0; s < world.scenarios; ++s) weight[s] = elementary64::pow(s + 1.0, -world.zipf);
    const AliasTable table = alias_table(weight);
    keep_ = table.keep;
    alias_ = table.alias;
    plan_.keep = keep_.data();
    plan_.alias = alias_.data();
  }
  blocked_ = blocked_scenarios(world);
  if (!blocked_.empty()) plan_.blocked = blocked_.data();
  fill_losses(point, static_cast<std::uint32_t>(std::count(blocked_.begin(), blocked_.end(), 1u)), plan_);

  const LoopLearning& learning = point.learning;
  plan_.step = {
      learning.step == LoopStep::constant ? StepSchedule::Kind::constant : StepSchedule::Kind::robbins_monro,
      static_cast<float>(learning.eta), static_cast<float>(learning.c), static_cast<float>(learning.n0),
      static_cast<float>(learning.kappa)};
  fill_monitor(point, plan_);
  stops_ = stops_of(checkpoints, world.drift_episodes);
  plan_.stops = stops_.data();
  plan_.stop_count = static_cast<std::uint32_t>(stops_.size() - 1);
  plan_.drift_at_start = !world.drift_episodes.empty() && world.drift_episodes.front() == 1;
  simple_ = plan_.latent == LoopLatent::deterministic && !plan_.wide && blocked_.empty() &&
            plan_.delay == 0 && !plan_.ewma && plan_.reference != LoopReference::best &&
            plan_.noise == 0.0f && plan_.interval == 0;
}

}  // namespace npo

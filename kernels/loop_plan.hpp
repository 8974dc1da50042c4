#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/learn_events.hpp"
#include "kernels/study_point.hpp"
#include "kernels/vocabulary.hpp"

/// The closed loop of spec section 8 as numbers and small tables, the same for all replicates of a point.
/// What the specification leaves open is decided in docs/decisions/0007-closed-loop.md.
namespace npo {

/// What a decision and its answer are to the loop: 4 decision + answer kind, or nothing to learn from.
inline constexpr std::uint32_t loop_cells = 2 * answer_count;
inline constexpr std::uint32_t loop_no_cell = loop_cells;

/// What the monitor sees of an answer, as counts: low two bits half losses (override 2, neutral 1), next bit
/// skipped.
inline constexpr std::uint32_t seen_override = 2, seen_like = 0, seen_neutral = 1, seen_skipped = 4;

/// Where replicates stop: at checkpoints, before drifts, and at least every `loop_max_stretch` episodes, so
/// that counts since the last stop fit 16 bits and float sums stay short.
struct LoopStop {
  std::uint32_t episode;  ///< the stop is at its end
  std::uint32_t row;      ///< of the checkpoint that the episodes before it count for
  std::uint32_t drift;    ///< number of the redraw that follows, from 1; 0 for none
  bool checkpoint;        ///< row ends here
};
inline constexpr std::uint32_t loop_max_stretch = 4096;
/// A redraw's number is a block of its random counter.
inline constexpr std::uint32_t loop_max_drifts = 4095;
/// Episodes since the last retrain where there was none: more than any replicate has.
inline constexpr std::uint32_t loop_long_ago = 1u << 30;
static_assert(max_horizon < loop_long_ago);

/// Tables by cell, 16 entries each for a lane's lookup.
struct alignas(64) LoopTables {
  float target[16];        ///< y, -1 where nothing is learned
  float credit[16];        ///< 1 success, -1 failure, 0 neither
  float seen[16];          ///< bits of `seen_...`
  float seen_loss[16];     ///< l(f) as the monitor sees it
  float counts[16];        ///< bits: override | like << 16
  float more_counts[16];   ///< bits: neutral | surfaced << 16
  float other_counts[16];  ///< bits: override of a surfaced decision | blocked << 16
  float threshold[max_arms];
  /// P(override), P(override or like), P(looked) of an answer, as offset + slope p_s, by
  /// 2 adversarial + surfaced.
  float cut_offset[3][16], cut_slope[3][16];
};

/// Plain data; pointers are into the `LoopPlanData` it belongs to (or copies of them on a device).
struct LoopPlan {
  LoopTables tables;
  std::uint32_t scenarios, arms, horizon, delay, columns;

  LoopLatent latent;
  float base_rate, latent_a, latent_b, initial_noise, initial_slope, redraw, adversarial;
  bool wide;                     ///< scenario and answer have random words of their own
  const float* keep;             ///< [scenarios] alias table of the popularity, null where uniform
  const std::uint32_t* alias;    ///< [scenarios]
  const std::uint32_t* blocked;  ///< [scenarios] 1 blocked, null where none is

  StepSchedule step;

  /// Expected losses are integers in units of 1 / unit_scale a scenario; `unit` brings a sum over the
  /// scenarios that are not blocked back to their mean.
  float unit_scale, unit, scenario_unit;  ///< scenario_unit: the same over all scenarios
  float surfaced_offset, surfaced_slope, withheld_offset, withheld_slope;  ///< l(f) expected, in p_s

  std::uint32_t window, min_gap, interval;  ///< interval: of retrains by the clock, 0 for none
  bool monitors;                            ///< alarms and retrains follow from the monitor
  bool refill_counts;                       ///< moments count while the window refills after a retrain
  bool ewma;
  LoopReference reference;
  float inverse_window, ewma_gain, lambda, delta, theta, noise, smooth;

  const LoopStop* stops;  ///< [stop_count], and one more that is never reached
  std::uint32_t stop_count;
  bool drift_at_start;  ///< redraw 1 comes before episode 1
};

/// A plan with what it points to. `checkpoints` are episodes, ascending, 1 to the point's horizon.
/// Error(usage) for a point out of range, Error(internal) for checkpoints that are not as said.
class LoopPlanData {
 public:
  LoopPlanData(const LoopPoint& point, std::span<const std::uint32_t> checkpoints);
  LoopPlanData(const LoopPlanData&) = delete;
  LoopPlanData& operator=(const LoopPlanData&) = delete;

  const LoopPlan& plan() const { return plan_; }
  const PolicyOptions& policy() const { return policy_; }
  /// Whether the short path has all that the point asks for: scenarios of approval 0 or 1, none blocked, up
  /// to 256 and equally popular, no delay, a window monitor with a fixed line and no noise.
  bool simple() const { return simple_; }
  std::span<const LoopStop> stops() const { return stops_; }
  std::span<const float> keep() const { return keep_; }
  std::span<const std::uint32_t> alias() const { return alias_; }
  std::span<const std::uint32_t> blocked() const { return blocked_; }

 private:
  LoopPlan plan_{};
  PolicyOptions policy_;
  bool simple_ = false;
  std::vector<LoopStop> stops_;
  std::vector<float> keep_;
  std::vector<std::uint32_t> alias_, blocked_;
};

}  // namespace npo

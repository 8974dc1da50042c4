#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/policy.hpp"
#include "io/state_store.hpp"

/// The meta-monitor in nightly work (spec section 7): one alarm a fleet, evaluated once a `learn`.
namespace npo {

/// A failure signature that the monitor names when it sees it (spec section 7).
enum class Signature {
  override_trend,  ///< the override rate rose over the last 5 windows (p < 0.01) although the arms' shares
                   ///< moved
  thin_arm,  ///< an extreme arm holds more than 90 % of the decisions with fewer than 30 likes and overrides
  retrain_rate  ///< a retrain now would be the second within 3 min_gap decisions
};

/// What the monitor of a fleet reads. `line` is L_ref + delta (theta when absolute); an alarm rings above it.
struct FleetReading {
  std::string fleet;
  std::int64_t decisions = 0;  ///< answered decisions in the window
  double loss = 0.0;           ///< Lhat
  double line = 0.0;
  bool alarm = false;
  bool retrain = false;  ///< alarm, and min_gap decisions have passed since the last retrain
  std::vector<Signature> signatures;
};

/// A sentence for a person.
std::string describe(Signature signature);

/// Answers that one call applied, by round: what the `ewma` estimate moves by, which takes nothing back.
/// [rounds] of the layout of RoundTallies.
using NewAnswers = std::vector<RoundTallies>;

/// Evaluates every fleet's monitor after a `learn` and stores loss, alarm and reference in
/// `manifest.monitors`. Fleets whose window is not full stay silent and are not in the result.
/// `manifest.recent` must hold the new answers already.
std::vector<FleetReading> evaluate_monitors(const Policy& policy, const NewAnswers& answers,
                                            StateManifest& manifest);

/// The readings stored by the last evaluation, without another one.
std::vector<FleetReading> stored_readings(const Policy& policy, const StateManifest& manifest);

/// A retrain has happened: windows are cleared and begin with the next round, references and decision counts
/// restart, the retrain is counted (spec section 7).
void record_retrain(StateManifest& manifest);

/// Drops the rounds that no window of the policy can need any more, and orders the others by (round, night).
void prune_rounds(const Policy& policy, std::vector<RoundTallies>& recent);

/// Cochran-Armitage statistic z of a rising share of `hits` among `trials` over equally spaced windows; 0
/// when it is not defined. Computed on integers, one division and one square root at the end.
double trend_z(std::span<const std::int64_t> hits, std::span<const std::int64_t> trials);

}  // namespace npo

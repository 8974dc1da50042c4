#include "host/monitor.hpp"

#include <algorithm>
#include <optional>

#include "host/learn_tallies.hpp"
#include "host/monitor_signatures.hpp"
#include "kernels/elementary64.hpp"

namespace npo {
namespace {

constexpr int kept_windows = 5;  // for the trend of the override rate

std::span<const std::int64_t> fleet_slice(const std::vector<std::int64_t>& table, std::size_t fleet,
                                          std::size_t fleets) {
  const std::size_t cells = table.size() / std::max<std::size_t>(1, fleets);
  return std::span(table).subspan(fleet * cells, cells);
}

AnswerCounts count_answers(std::span<const std::int64_t> answers) {
  AnswerCounts counts;
  counts.add(answers);
  return counts;
}

UnixSeconds newest_night(const std::vector<RoundTallies>& rounds) {
  UnixSeconds night = 0;
  for (const RoundTallies& round : rounds) night = std::max(night, round.night);
  return night;
}

/// Answers of one fleet within a span of nights, and the rounds they are from.
struct FleetWindow {
  FleetAnswers answers;
  std::uint32_t first_round = 0, last_round = 0;
  bool any = false;
};

/// Reads one fleet of the manifest.
class FleetView {
 public:
  FleetView(const Policy& policy, const StateManifest& manifest, std::size_t fleet)
      : policy_(policy), manifest_(manifest), fleet_(fleet), newest_(newest_night(manifest.recent)) {}

  const FleetMonitor& monitor() const { return manifest_.monitors[fleet_]; }

  /// The window that ends `back` windows before the newest night.
  FleetWindow window(int back) const {
    const std::int64_t length = std::int64_t{policy_.monitor.nights} * seconds_per_day;
    const UnixSeconds end = newest_ - back * length, begin = end - length;
    FleetWindow window;
    window.answers.resize(manifest_.thresholds.size() * decision_count * answer_count);
    for (const RoundTallies& round : manifest_.recent) {
      if (round.night <= begin || round.night > end || round.round < monitor().window_start) continue;
      const auto answers = fleet_slice(round.answers, fleet_, manifest_.fleets.size());
      if (count_answers(answers).total() <= 0) continue;
      std::transform(answers.begin(), answers.end(), window.answers.begin(), window.answers.begin(),
                     std::plus<>());
      window.first_round = window.any ? std::min(window.first_round, round.round) : round.round;
      window.last_round = window.any ? std::max(window.last_round, round.round) : round.round;
      window.any = true;
    }
    return window;
  }

  std::vector<FleetAnswers> windows() const {
    std::vector<FleetAnswers> all;
    for (int back = kept_windows - 1; back >= 0; --back) all.push_back(window(back).answers);
    while (!all.empty() && count_answers(all.front()).total() == 0) all.erase(all.begin());
    return all;
  }

 private:
  const Policy& policy_;
  const StateManifest& manifest_;
  std::size_t fleet_;
  UnixSeconds newest_;
};

/// Decisions answered in a call, of the rounds since the last retrain.
std::int64_t new_decisions(const FleetMonitor& monitor, const NewAnswers& rounds, std::size_t fleet,
                           std::size_t fleets) {
  std::int64_t decisions = 0;
  for (const RoundTallies& round : rounds)
    if (round.round >= monitor.window_start)
      decisions += count_answers(fleet_slice(round.answers, fleet, fleets)).total();
  return decisions;
}

/// Moves the exponentially weighted estimate by a call's answers, round by round; within a round the order is
/// not known, so its mean counts for all of it. Half-life in decisions.
double moved_average(const FleetMonitor& monitor, const Policy& policy, const NewAnswers& rounds,
                     std::size_t fleet, std::size_t fleets) {
  const std::vector<double> losses = loss_table(policy);
  double loss = monitor.loss;
  for (const RoundTallies& round : rounds) {
    if (round.round < monitor.window_start) continue;
    const MeanLoss mean = mean_loss(count_answers(fleet_slice(round.answers, fleet, fleets)), losses);
    if (mean.answers <= 0) continue;
    const double kept = elementary64::pow(0.5, static_cast<double>(mean.answers) / policy.monitor.half_life);
    loss = loss < 0.0 ? mean.loss : kept * loss + (1.0 - kept) * mean.loss;
  }
  return loss;
}

/// L_ref + delta, or theta; none while there is no reference yet.
std::optional<double> alarm_line(const MonitorSettings& settings, const FleetMonitor& monitor) {
  if (settings.reference == Reference::absolute) return settings.theta;
  if (monitor.best_reference < 0.0) return std::nullopt;
  return monitor.best_reference + settings.delta;
}

FleetReading reading_of(const Policy& policy, const StateManifest& manifest, std::size_t fleet,
                        std::int64_t decisions) {
  const FleetMonitor& monitor = manifest.monitors[fleet];
  FleetReading reading;
  reading.fleet = manifest.fleets[fleet];
  reading.decisions = decisions;
  reading.loss = monitor.loss;
  reading.line = alarm_line(policy.monitor, monitor).value_or(monitor.loss + policy.monitor.delta);
  reading.alarm = monitor.alarm != 0;
  reading.retrain = reading.alarm && monitor.decisions_since_retrain >= policy.monitor.min_gap;
  reading.signatures = find_signatures(policy.monitor, FleetView(policy, manifest, fleet).windows(),
                                       fleet_slice(manifest.lifetime, fleet, manifest.fleets.size()), monitor,
                                       reading.retrain, manifest.thresholds.size());
  return reading;
}

/// Whether the estimate stands on enough decisions to speak.
bool is_full(const Policy& policy, const FleetMonitor& monitor, std::int64_t window_decisions) {
  const std::int64_t decisions =
      policy.monitor.kind == MonitorKind::window ? window_decisions : monitor.decisions_since_retrain;
  return decisions >= policy.monitor.window;
}

/// The window becomes the reference if it is the best so far and shares no round with the last one that was
/// looked at.
void update_reference(const FleetWindow& window, FleetMonitor& monitor) {
  if (window.first_round < monitor.last_window_end) return;
  if (monitor.best_reference < 0.0 || monitor.loss < monitor.best_reference)
    monitor.best_reference = monitor.loss;
  monitor.last_window_end = window.last_round + 1;
}

}  // namespace

std::vector<FleetReading> evaluate_monitors(const Policy& policy, const NewAnswers& answers,
                                            StateManifest& manifest) {
  const std::vector<double> losses = loss_table(policy);
  const std::size_t fleets = manifest.fleets.size();
  std::vector<FleetReading> readings;
  for (std::size_t fleet = 0; fleet < fleets; ++fleet) {
    FleetMonitor& monitor = manifest.monitors[fleet];
    monitor.decisions_since_retrain += new_decisions(monitor, answers, fleet, fleets);
    const FleetWindow window = FleetView(policy, manifest, fleet).window(0);
    const MeanLoss mean = mean_loss(count_answers(window.answers), losses);
    const bool full = is_full(policy, monitor, mean.answers);
    if (policy.monitor.kind == MonitorKind::ewma)
      monitor.loss = moved_average(monitor, policy, answers, fleet, fleets);
    else
      monitor.loss = full ? mean.loss : -1.0;
    const std::optional<double> line = alarm_line(policy.monitor, monitor);
    monitor.alarm = full && line && monitor.loss > *line;
    if (!full) continue;
    monitor.alarms += monitor.alarm;
    if (window.any) update_reference(window, monitor);
    readings.push_back(reading_of(policy, manifest, fleet, mean.answers));
  }
  return readings;
}

std::vector<FleetReading> stored_readings(const Policy& policy, const StateManifest& manifest) {
  const std::vector<double> losses = loss_table(policy);
  std::vector<FleetReading> readings;
  for (std::size_t fleet = 0; fleet < manifest.fleets.size(); ++fleet) {
    const FleetWindow window = FleetView(policy, manifest, fleet).window(0);
    const std::int64_t decisions = count_answers(window.answers).total();
    if (manifest.monitors[fleet].loss >= 0.0 && is_full(policy, manifest.monitors[fleet], decisions))
      readings.push_back(reading_of(policy, manifest, fleet, decisions));
  }
  return readings;
}

void record_retrain(StateManifest& manifest) {
  for (FleetMonitor& monitor : manifest.monitors) {
    const std::int64_t alarms = monitor.alarms, retrains = monitor.retrains;
    monitor = FleetMonitor{};
    monitor.window_start = monitor.last_window_end = manifest.round;
    monitor.alarms = alarms;
    monitor.retrains = retrains + 1;
  }
}

void prune_rounds(const Policy& policy, std::vector<RoundTallies>& recent) {
  const UnixSeconds newest = newest_night(recent);
  const std::int64_t kept = std::int64_t{kept_windows} * policy.monitor.nights * seconds_per_day;
  std::erase_if(recent, [&](const RoundTallies& round) { return round.night <= newest - kept; });
  std::ranges::sort(recent, {},
                    [](const RoundTallies& round) { return std::pair(round.round, round.night); });
}

}  // namespace npo

#include "host/monitor_signatures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "host/learn_tallies.hpp"

namespace npo {
namespace {

constexpr std::size_t trend_windows = 5;
constexpr double trend_quantile = 2.3263478740408408;  // one-sided p = 0.01
constexpr double moved_share = 0.1;                    // of the decisions, in total variation
constexpr std::int64_t thin_answers = 30;

constexpr std::size_t arm_cells = decision_count * answer_count;

std::int64_t decisions_of(std::span<const std::int64_t> answers) {
  AnswerCounts counts;
  counts.add(answers);
  return counts.total();
}

std::span<const std::int64_t> arm_of(std::span<const std::int64_t> answers, std::size_t arm) {
  return answers.subspan(arm * arm_cells, arm_cells);
}

double share_of_arm(std::span<const std::int64_t> answers, std::size_t arm) {
  const std::int64_t all = decisions_of(answers);
  return all == 0 ? 0.0 : static_cast<double>(decisions_of(arm_of(answers, arm))) / static_cast<double>(all);
}

/// Total variation between the arms' shares of two windows.
double moved(const FleetAnswers& a, const FleetAnswers& b, std::size_t arms) {
  double distance = 0.0;
  for (std::size_t k = 0; k < arms; ++k) distance += std::abs(share_of_arm(a, k) - share_of_arm(b, k));
  return distance / 2.0;
}

bool overrides_rise(std::span<const FleetAnswers> windows, std::size_t arms) {
  if (windows.size() < trend_windows) return false;
  const auto last = windows.last(trend_windows);
  std::int64_t overrides[trend_windows], decisions[trend_windows];
  for (std::size_t i = 0; i < trend_windows; ++i) {
    AnswerCounts counts;
    counts.add(last[i]);
    overrides[i] = counts.by_kind[static_cast<int>(FeedbackKind::override_decision)];
    decisions[i] = counts.total();
  }
  return trend_z(overrides, decisions) > trend_quantile &&
         moved(last.front(), last.back(), arms) > moved_share;
}

bool stuck_on_thin_arm(const FleetAnswers& window, std::span<const std::int64_t> lifetime, std::size_t arms) {
  for (const std::size_t arm : {std::size_t{0}, arms - 1}) {
    AnswerCounts counts;
    counts.add(arm_of(lifetime, arm));
    const std::int64_t evidence = counts.by_kind[static_cast<int>(FeedbackKind::override_decision)] +
                                  counts.by_kind[static_cast<int>(FeedbackKind::like)];
    if (share_of_arm(window, arm) > 0.9 && evidence < thin_answers) return true;
  }
  return false;
}

}  // namespace

double trend_z(std::span<const std::int64_t> hits, std::span<const std::int64_t> trials) {
  __extension__ using Wide = __int128;
  Wide n = 0, x = 0, sum = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const auto t = static_cast<Wide>(i);
    n += trials[i];
    x += hits[i];
    sum += t * hits[i];
    first += t * trials[i];
    second += t * t * trials[i];
  }
  const auto numerator = static_cast<double>(n * sum - x * first);
  const double variance = static_cast<double>(x * (n - x)) * static_cast<double>(n * second - first * first);
  if (!(variance > 0.0)) return 0.0;
  return numerator / std::sqrt(variance / static_cast<double>(n));
}

std::vector<Signature> find_signatures(const MonitorSettings& settings, std::span<const FleetAnswers> windows,
                                       std::span<const std::int64_t> lifetime, const FleetMonitor& monitor,
                                       bool retrain, std::size_t arms) {
  std::vector<Signature> found;
  if (overrides_rise(windows, arms)) found.push_back(Signature::override_trend);
  if (!windows.empty() && stuck_on_thin_arm(windows.back(), lifetime, arms))
    found.push_back(Signature::thin_arm);
  if (retrain && monitor.retrains > 0 && monitor.decisions_since_retrain < 3 * settings.min_gap)
    found.push_back(Signature::retrain_rate);
  return found;
}

std::string describe(Signature signature) {
  switch (signature) {
    case Signature::override_trend:
      return "the override rate has risen over the last 5 windows (p < 0.01) although the arms' shares moved";
    case Signature::thin_arm:
      return "an extreme arm decides more than 90 % with fewer than 30 likes and overrides";
    case Signature::retrain_rate:
      return "a retrain now would be the second within 3 min_gap decisions";
  }
  return {};
}

}  // namespace npo

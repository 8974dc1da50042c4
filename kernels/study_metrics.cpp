#include "kernels/study_metrics.hpp"

#include <algorithm>

#include "kernels/ope_world.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

std::uint32_t shown_arms(std::uint32_t arms) {
  return std::min<std::uint32_t>(arms, max_arms);
}

StudyMetric log_bins(StudyMetric metric, int first_octave) {
  metric.bins = StudyBins::log_linear;
  metric.first_octave = first_octave;
  return metric;
}

StudyMetric signed_bins(StudyMetric metric) {
  metric.low = -1.0f;
  return metric;
}

StudyMetric growing(StudyMetric metric, int first_octave) {
  metric.grows = true;
  return log_bins(std::move(metric), first_octave);
}

template <class Column>
StudyMetric ratio(std::string name, std::string long_name, Column numerator, Column denominator) {
  return {.name = std::move(name),
          .unit = "1",
          .long_name = std::move(long_name),
          .numerator = static_cast<std::uint32_t>(numerator),
          .denominator = static_cast<std::uint32_t>(denominator)};
}

template <class Column>
StudyMetric plain(std::string name, std::string unit, std::string long_name, Column column) {
  return {.name = std::move(name),
          .unit = std::move(unit),
          .long_name = std::move(long_name),
          .numerator = static_cast<std::uint32_t>(column)};
}

/// The share of each arm, from the columns that follow `first`.
template <class Column>
void append_arm_shares(std::vector<StudyMetric>& metrics, std::uint32_t arms, Column first,
                       Column denominator) {
  for (std::uint32_t k = 0; k < shown_arms(arms); ++k) {
    const std::string number = std::to_string(k);
    metrics.push_back(ratio("arm_share_" + number, "share of episodes with arm " + number,
                            static_cast<Column>(static_cast<std::uint32_t>(first) + k), denominator));
  }
}

/// Octaves of log-linear bins begin here: 2^-31 for numbers up to 1, 2^-9 for those that grow with time.
constexpr int small_octave = -31, growing_octave = -9;

std::vector<StudyMetric> loss_metrics() {
  using enum LoopColumn;
  return {ratio("feedback_loss", "feedback loss of a decision", loss, decisions),
          signed_bins(ratio("excess_loss", "feedback loss above its floor", excess, decisions)),
          ratio("expected_loss", "true expected loss", LoopColumn::expected_loss, truths),
          log_bins(ratio("prediction_loss", "squared error of the score at an update",
                         LoopColumn::prediction_loss, updates),
                   small_octave)};
}

std::vector<StudyMetric> rate_metrics() {
  using enum LoopColumn;
  return {ratio("override_rate", "overrides among decisions", overrides, decisions),
          ratio("override_rate_surfaced", "overrides among surfaced decisions", overrides_surfaced, surfaced),
          ratio("like_rate", "likes among decisions", likes, decisions),
          ratio("neutral_rate", "neutral answers among decisions", neutrals, decisions),
          ratio("skip_rate", "skipped decisions", skips, decisions),
          ratio("surfaced_rate", "surfaced decisions", surfaced, decisions),
          ratio("blocked_rate", "blocked episodes", blocked, episodes),
          ratio("reward", "reward of an episode (like = 1)", likes, episodes)};
}

std::vector<StudyMetric> monitor_metrics() {
  using enum LoopColumn;
  return {
      ratio("monitor_fidelity", "share of moments at which the alarm agreed with the truth", hits, watches),
      ratio("truth_rate", "share of moments at which the true loss was above the line", truth_high, watches),
      ratio("alarm_rate", "share of moments with an alarm", alarms, watches),
      ratio("balanced_fidelity", "mean of the two conditional hit rates", LoopColumn::balanced_fidelity,
            balanced),
      growing(plain("retrains", "retrains", "retrains so far", retrains), growing_octave),
      ratio("unnecessary_retrain_share", "retrains so far that the truth did not call for", unnecessary,
            retrains)};
}

std::vector<StudyMetric> score_metrics() {
  using enum LoopColumn;
  return {log_bins(plain("score_error", "1", "mean squared error of the scores", LoopColumn::score_error),
                   small_octave),
          plain("mean_score", "1", "mean of the scores", LoopColumn::mean_score),
          log_bins(ratio("loss_gap", "distance of the monitored from the true loss", LoopColumn::loss_gap,
                         estimates),
                   small_octave),
          signed_bins(ratio("policy_gap", "smooth policy at the monitored loss minus at the true one",
                            LoopColumn::policy_gap, estimates))};
}

}  // namespace

std::uint32_t bandit_columns(std::uint32_t arms) {
  return static_cast<std::uint32_t>(BanditColumn::arm) + shown_arms(arms);
}

std::uint32_t loop_columns(std::uint32_t arms) {
  return static_cast<std::uint32_t>(LoopColumn::arm) + shown_arms(arms);
}

std::vector<StudyMetric> bandit_metrics(std::uint32_t arms) {
  using enum BanditColumn;
  std::vector<StudyMetric> metrics = {
      growing(plain("regret", "reward", "cumulative regret, from the known means of the arms",
                    BanditColumn::regret),
              growing_octave),
      ratio("reward", "reward of an episode", BanditColumn::reward, episodes),
      ratio("best_arm_share", "share of episodes with a best arm", best, episodes)};
  append_arm_shares(metrics, arms, arm, episodes);
  return metrics;
}

std::vector<StudyMetric> loop_metrics(std::uint32_t arms) {
  std::vector<StudyMetric> metrics = loss_metrics();
  for (const auto& group : {rate_metrics(), monitor_metrics(), score_metrics()})
    metrics.insert(metrics.end(), group.begin(), group.end());
  append_arm_shares(metrics, arms, LoopColumn::arm, LoopColumn::episodes);
  return metrics;
}

std::vector<StudyMetric> study_metrics(StudyKind kind, std::uint32_t arms) {
  if (kind == StudyKind::ope) return ope_metrics();
  return kind == StudyKind::bandit ? bandit_metrics(arms) : loop_metrics(arms);
}

}  // namespace npo

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "tests/kernels/loop_samples.hpp"

/// A trace must tell the story that the columns sum up, and the story must follow the rules when it is played
/// again by plain code in doubles.
namespace npo {
namespace {

using loop_test::Sample;
using loop_test::samples;

constexpr std::uint32_t horizon = 400;
constexpr auto override_kind = static_cast<std::uint8_t>(FeedbackKind::override_decision);
constexpr auto like_kind = static_cast<std::uint8_t>(FeedbackKind::like);
constexpr auto neutral_kind = static_cast<std::uint8_t>(FeedbackKind::neutral);
constexpr auto skipped_kind = static_cast<std::uint8_t>(FeedbackKind::skipped);
constexpr auto surfaced_code = static_cast<std::uint8_t>(Decision::surfaced);
constexpr auto blocked_code = static_cast<std::uint8_t>(Decision::blocked);

bool is_blocked(const LoopTrace& trace, std::size_t i) {
  return trace.decision[i] == blocked_code;
}

TEST(LoopTraces, AddUpToTheColumns) {
  const std::vector<std::uint32_t> checkpoints{horizon};
  for (const Sample& sample : samples(horizon)) {
    for (const std::uint64_t replicate : {3u, 20u}) {
      StudyBlock block;
      simulate_loops(sample.point, {7, 0}, {replicate, 1}, checkpoints, widest_simd_level(), block);
      const LoopTrace trace = trace_loop(sample.point, {7, 0}, replicate);
      ASSERT_EQ(trace.scenario.size(), horizon);
      std::map<LoopColumn, double> sum;
      for (std::size_t i = 0; i < horizon; ++i) {
        if (is_blocked(trace, i)) {
          sum[LoopColumn::blocked] += 1;
        } else {
          sum[LoopColumn::surfaced] += trace.decision[i] == surfaced_code;
          sum[LoopColumn::overrides] += trace.feedback[i] == override_kind;
          sum[LoopColumn::likes] += trace.feedback[i] == like_kind;
          sum[LoopColumn::neutrals] += trace.feedback[i] == neutral_kind;
          sum[LoopColumn::skips] += trace.feedback[i] == skipped_kind;
          sum[LoopColumn::overrides_surfaced] +=
              trace.feedback[i] == override_kind && trace.decision[i] == surfaced_code;
        }
        const bool tenth = (i + 1) % 10 == 0, speaks = trace.monitored_loss[i] >= 0.0f;
        sum[LoopColumn::truths] += tenth;
        sum[LoopColumn::watches] += trace.scored[i];
        sum[LoopColumn::estimates] += tenth && speaks;
        sum[LoopColumn::alarms] += tenth && trace.alarm[i];
        sum[LoopColumn::truth_high] += trace.scored[i] && trace.truth[i] == 1;
        sum[LoopColumn::hits] += trace.scored[i] && trace.alarm[i] == trace.truth[i];
        sum[LoopColumn::retrains] += trace.retrain[i];
        sum[LoopColumn::arm] += trace.arm[i] == 0;
        EXPECT_EQ(trace.truth[i] <= 1, tenth);
        EXPECT_EQ(trace.expected_loss[i] >= 0.0f, tenth);
      }
      for (const auto& [column, value] : sum)
        EXPECT_EQ(block.column(0, static_cast<std::size_t>(column))[0], value)
            << sample.name << ", column " << static_cast<int>(column);
    }
  }
}

/// What the operator did fits what the operator wanted, unless answers are swapped.
TEST(LoopTraces, AnswersFitWhatIsWanted) {
  for (const Sample& sample : samples(horizon)) {
    if (sample.point.op.swap > 0.0 || sample.point.op.adversarial > 0.0) continue;
    const LoopTrace trace = trace_loop(sample.point, {7, 0}, 1);
    for (std::size_t i = 0; i < horizon; ++i) {
      if (is_blocked(trace, i)) continue;
      const double threshold = sample.point.ablation == LoopAblation::fixed_threshold
                                   ? sample.point.ablated_threshold
                                   : sample.point.thresholds[trace.arm[i]];
      EXPECT_EQ(trace.decision[i] == surfaced_code, trace.score[i] >= static_cast<float>(threshold));
      if (trace.latent[i] == 0.0f || trace.latent[i] == 1.0f) {
        EXPECT_EQ(static_cast<float>(trace.wanted[i]), trace.latent[i]) << sample.name << " " << i;
      }
      if (trace.feedback[i] == skipped_kind) continue;
      const bool right = (trace.decision[i] == surfaced_code) == (trace.wanted[i] == 1);
      EXPECT_EQ(right, trace.feedback[i] != override_kind) << sample.name << ", episode " << i + 1;
    }
  }
}

/// Scores of the full loop, played again.
TEST(LoopTraces, ScoresFollowTheUpdateRule) {
  int checked = 0;
  for (const Sample& sample : samples(horizon)) {
    const LoopPoint& point = sample.point;
    if (point.ablation != LoopAblation::full) continue;
    const LoopTrace trace = trace_loop(point, {7, 0}, 2);
    std::map<std::uint32_t, double> score;
    std::map<std::uint32_t, int> steps;
    const auto learn = [&](std::size_t i) {
      const std::uint32_t s = trace.scenario[i];
      const bool surfaced = trace.decision[i] == surfaced_code,
                 approval = point.learning.target == LoopTarget::approval;
      const std::uint8_t kind = trace.feedback[i];
      if (is_blocked(trace, i) || (approval && kind == skipped_kind)) return;
      const double y = kind == neutral_kind   ? 0.5
                       : kind == skipped_kind ? point.op.lambda
                       : approval             ? ((kind == like_kind) == surfaced ? 1.0 : 0.0)
                                              : (kind == override_kind ? 1.0 : 0.0);
      const double n = ++steps[s];
      const double eta =
          point.learning.step == LoopStep::constant
              ? point.learning.eta
              : std::min(1.0, point.learning.c / std::pow(n + point.learning.n0, point.learning.kappa));
      score[s] += eta * (y - score[s]);
    };
    for (std::size_t i = 0; i < horizon; ++i) {
      const auto known = score.find(trace.scenario[i]);
      if (known == score.end()) {
        score[trace.scenario[i]] = trace.score[i];
      } else {
        EXPECT_NEAR(trace.score[i], known->second, 2e-5) << sample.name << ", episode " << i + 1;
        ++checked;
      }
      if (i >= point.learning.delay) learn(i - point.learning.delay);
      if (trace.retrain[i]) steps.clear();
    }
  }
  EXPECT_GT(checked, 3000);
}

/// The window monitor, played again: Lhat, alarm and retrain.
TEST(LoopTraces, TheMonitorFollowsItsRules) {
  int retrains = 0, alarms = 0;
  for (const Sample& sample : samples(horizon)) {
    const LoopPoint& point = sample.point;
    const LoopMonitor& monitor = point.monitor;
    if (point.ablation != LoopAblation::full || monitor.kind != LoopMonitorKind::window) continue;
    const LoopTrace trace = trace_loop(point, {7, 0}, 2);
    std::deque<double> window;
    std::size_t since = monitor.min_gap;
    bool was_full = false;
    for (std::size_t i = 0; i < horizon; ++i) {
      if (i >= point.learning.delay && !is_blocked(trace, i - point.learning.delay)) {
        const std::uint8_t kind = trace.feedback[i - point.learning.delay];
        window.push_back(kind == override_kind  ? 1.0
                         : kind == neutral_kind ? 0.5
                         : kind == like_kind    ? 0.0
                                                : point.op.lambda);
      }
      if (window.size() > monitor.window) window.pop_front();
      const bool full = window.size() == monitor.window;
      double mean = 0;
      for (const double loss : window) mean += loss / monitor.window;
      was_full |= full;
      EXPECT_EQ(trace.monitored_loss[i] >= 0.0f, full) << sample.name << ", episode " << i + 1;
      EXPECT_EQ(trace.scored[i] == 1,
                trace.truth[i] <= 1 && (monitor.refill == LoopRefill::outside ? full : was_full))
          << sample.name << ", episode " << i + 1;
      EXPECT_FALSE(trace.line[i] < 0.0f && trace.truth[i] == 1) << "no line, and above it";
      ++since;
      if (full) {
        EXPECT_NEAR(trace.monitored_loss[i], mean, 1e-5) << sample.name << ", episode " << i + 1;
      }
      const bool alarm = full && trace.monitored_loss[i] > trace.line[i] + loop_loss_tie;
      EXPECT_EQ(trace.alarm[i] == 1, alarm) << sample.name << ", episode " << i + 1;
      EXPECT_EQ(trace.retrain[i] == 1, alarm && since >= monitor.min_gap)
          << sample.name << ", episode " << i + 1;
      alarms += trace.alarm[i];
      if (!trace.retrain[i]) continue;
      ++retrains;
      window.clear();
      since = 0;
    }
  }
  EXPECT_GT(retrains, 10);
  EXPECT_GT(alarms, retrains);
}

}  // namespace
}  // namespace npo

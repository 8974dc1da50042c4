#include <gtest/gtest.h>

#include "tests/kernels/loop_samples.hpp"

/// Which moments count for fidelity, on a world small enough to be worked by hand.
namespace npo {
namespace {

using loop_test::levels;

constexpr std::uint32_t horizon = 100;
constexpr std::size_t worlds = 20;

/// Nobody wants anything, everything is surfaced and looked at: every decision is overridden, every loss is
/// 1, estimated and true, above the line of 0.5. The window of 20 is full for the first time at 20; at least
/// 25 episodes lie between two retrains. So retrains come at 20, 45, 70, 95 and the window is full at
///   20, 40 to 45, 65 to 70, 90 to 95,
/// which of the tenth episodes are 20, 40, 70 and 90.
LoopPoint overridden_world() {
  LoopPoint point;
  point.horizon = horizon;
  point.thresholds = {0.1, 0.2, 0.3, 0.4, 0.5};
  point.world.base_rate = 0.0;
  point.world.initial_slope = 0.0;
  point.world.initial_noise = 0.0;
  point.learning.step = LoopStep::constant;
  point.learning.eta = 0.0;
  point.op.look_surfaced = 1.0;
  point.monitor.window = 20;
  point.monitor.min_gap = 25;
  point.monitor.reference = LoopReference::absolute;
  point.monitor.theta = 0.5;
  return point;
}

struct Counts {
  float watches, hits, truth_high, alarms, estimates, retrains;
};

/// All worlds are alike, on every level and on both paths.
void expect_counts(const LoopPoint& point, const Counts& expected) {
  for (const SimdLevel level : levels()) {
    for (const bool simple_path : {true, false}) {
      StudyBlock block;
      simulate_loops_by_path(point, {1, 0}, {0, worlds}, std::vector<std::uint32_t>{horizon}, level,
                             simple_path, block);
      const auto expect = [&](LoopColumn column, float value) {
        for (const float found : block.column(0, static_cast<std::size_t>(column)))
          EXPECT_EQ(found, value) << "column " << static_cast<int>(column) << ", " << name_of(level);
      };
      expect(LoopColumn::watches, expected.watches);
      expect(LoopColumn::hits, expected.hits);
      expect(LoopColumn::truth_high, expected.truth_high);
      expect(LoopColumn::alarms, expected.alarms);
      expect(LoopColumn::estimates, expected.estimates);
      expect(LoopColumn::retrains, expected.retrains);
      expect(LoopColumn::loss_gap, 0.0f);
    }
  }
}

TEST(LoopRefill, SilenceAfterARetrainIsHeldAgainstTheMonitor) {
  // Of the moments 20, 30, ..., 100 it is silent at 30, 50, 60, 80 and 100, wrongly.
  expect_counts(overridden_world(),
                {.watches = 9, .hits = 4, .truth_high = 9, .alarms = 4, .estimates = 4, .retrains = 4});
}

TEST(LoopRefill, OutsideTheMeanOnlyFullWindowsCount) {
  LoopPoint point = overridden_world();
  point.monitor.refill = LoopRefill::outside;
  expect_counts(point,
                {.watches = 4, .hits = 4, .truth_high = 4, .alarms = 4, .estimates = 4, .retrains = 4});
}

TEST(LoopRefill, BeforeTheFirstFullWindowNothingCounts) {
  LoopPoint point = overridden_world();
  point.monitor.window = horizon + 1;
  expect_counts(point, {});
}

TEST(LoopRefill, RetrainsByTheClockCountForNothing) {
  LoopPoint point = overridden_world();
  point.ablation = LoopAblation::fixed_interval;
  point.ablated_interval = 30;
  expect_counts(point,
                {.watches = 0, .hits = 0, .truth_high = 0, .alarms = 0, .estimates = 0, .retrains = 3});
}

TEST(LoopRefill, AMonitorThatOnlyWatchesNeverRefills) {
  LoopPoint point = overridden_world();
  point.monitor.on_alarm = LoopOnAlarm::watch;
  for (const LoopRefill refill : {LoopRefill::silent, LoopRefill::outside}) {
    point.monitor.refill = refill;
    expect_counts(point,
                  {.watches = 9, .hits = 9, .truth_high = 9, .alarms = 9, .estimates = 9, .retrains = 0});
  }
}

/// However long the gap, no retrain has to wait for one before it.
TEST(LoopRefill, TheFirstRetrainIsFree) {
  LoopPoint point = overridden_world();
  for (const std::uint32_t gap : {1000u, 1u << 30, 2'000'000'000u, 2'147'483'647u}) {
    point.monitor.min_gap = gap;
    // Full at 20, and from 40 on.
    expect_counts(point,
                  {.watches = 9, .hits = 8, .truth_high = 9, .alarms = 8, .estimates = 8, .retrains = 1});
  }
}

}  // namespace
}  // namespace npo

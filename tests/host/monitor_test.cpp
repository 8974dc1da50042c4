#include "host/monitor.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/monitor_signatures.hpp"

/// Spec section 7 by hand: one fleet, two arms, W = 100, delta = 0.1.
namespace npo {
namespace {

constexpr std::size_t arms = 2, cells = arms * decision_count * answer_count;

StateManifest one_fleet() {
  StateManifest manifest;
  manifest.thresholds = {0.5f, 0.9f};
  manifest.fleets = {"north"};
  manifest.monitors.resize(1);
  manifest.lifetime.resize(cells);
  return manifest;
}

/// Answers to surfaced decisions of arm 0 in one night.
RoundTallies round_with(std::uint32_t round, std::int64_t overrides, std::int64_t likes,
                        std::size_t arm = 0) {
  RoundTallies tallies{round, std::int64_t{round} * seconds_per_day, std::vector<std::int64_t>(cells)};
  const std::size_t surfaced = arm * decision_count * answer_count + answer_count;
  tallies.answers[surfaced] = overrides;
  tallies.answers[surfaced + 1] = likes;
  return tallies;
}

/// One `learn`: the answers become part of the manifest, then the monitors are read.
std::vector<FleetReading> learn(const Policy& policy, const RoundTallies& answers, StateManifest& manifest) {
  manifest.recent.push_back(answers);
  for (std::size_t i = 0; i < cells; ++i) manifest.lifetime[i] += answers.answers[i];
  prune_rounds(policy, manifest.recent);
  manifest.round = answers.round + 1;
  return evaluate_monitors(policy, {answers}, manifest);
}

TEST(Monitor, IsSilentUntilTheWindowIsFull) {
  StateManifest manifest = one_fleet();
  const Policy policy;
  EXPECT_TRUE(learn(policy, round_with(0, 50, 49), manifest).empty());
  EXPECT_LT(manifest.monitors[0].loss, 0.0);
  const auto readings = learn(policy, round_with(1, 0, 1), manifest);
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].decisions, 100);
  EXPECT_DOUBLE_EQ(readings[0].loss, 0.5);
  EXPECT_FALSE(readings[0].alarm);
}

TEST(Monitor, LossCountsAllFourKindsAndNoBlockedDecision) {
  StateManifest manifest = one_fleet();
  RoundTallies answers = round_with(0, 10, 50);
  answers.answers[0 + 2] = 20;              // withheld, neutral
  answers.answers[0 + 3] = 20;              // withheld, skipped
  answers.answers[2 * answer_count] = 500;  // blocked, override
  const auto readings = learn(Policy{}, answers, manifest);
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].decisions, 100);
  EXPECT_DOUBLE_EQ(readings[0].loss, (10 * 1.0 + 20 * 0.5 + 20 * 0.3) / 100);
}

TEST(Monitor, RingsAboveTheBestWindowPlusDelta) {
  StateManifest manifest = one_fleet();
  const Policy policy;  // nights = 7
  learn(policy, round_with(0, 10, 90), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].best_reference, 0.1);
  // A week later the first night is out of the window; 0.2 is not above 0.1 + 0.1.
  EXPECT_FALSE(learn(policy, round_with(7, 20, 80), manifest)[0].alarm);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].best_reference, 0.1);
  const FleetReading reading = learn(policy, round_with(14, 21, 79), manifest)[0];
  EXPECT_TRUE(reading.alarm);
  EXPECT_DOUBLE_EQ(reading.line, 0.2);
  EXPECT_TRUE(reading.retrain);  // 300 decisions since the beginning
  EXPECT_EQ(manifest.monitors[0].alarms, 1);
}

TEST(Monitor, ReferenceWindowsDoNotOverlap) {
  StateManifest manifest = one_fleet();
  const Policy policy;
  learn(policy, round_with(0, 50, 50), manifest);
  // The window of nights 0 and 1 shares night 0 with the first one: its mean of 0.25 is not a reference.
  learn(policy, round_with(1, 0, 100), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].loss, 0.25);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].best_reference, 0.5);
  learn(policy, round_with(8, 0, 100), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].best_reference, 0.0);
}

TEST(Monitor, AbsoluteReferenceIsTheta) {
  StateManifest manifest = one_fleet();
  Policy policy;
  policy.monitor.reference = Reference::absolute;
  policy.monitor.theta = 0.25;
  EXPECT_FALSE(learn(policy, round_with(0, 25, 75), manifest)[0].alarm);
  EXPECT_TRUE(learn(policy, round_with(7, 26, 74), manifest)[0].alarm);
}

TEST(Monitor, RetrainNeedsItsMinimumGap) {
  StateManifest manifest = one_fleet();
  Policy policy;
  policy.monitor.reference = Reference::absolute;
  policy.monitor.min_gap = 150;
  const FleetReading early = learn(policy, round_with(0, 100, 0), manifest)[0];
  EXPECT_TRUE(early.alarm);
  EXPECT_FALSE(early.retrain);
  EXPECT_TRUE(learn(policy, round_with(1, 50, 0), manifest)[0].retrain);
}

TEST(Monitor, RetrainClearsWindowAndReference) {
  StateManifest manifest = one_fleet();
  const Policy policy;
  learn(policy, round_with(0, 10, 90), manifest);
  record_retrain(manifest);
  const FleetMonitor& monitor = manifest.monitors[0];
  EXPECT_EQ(monitor.retrains, 1);
  EXPECT_EQ(monitor.window_start, 1u);
  EXPECT_LT(monitor.best_reference, 0.0);
  EXPECT_TRUE(stored_readings(policy, manifest).empty());
  EXPECT_TRUE(learn(policy, round_with(1, 0, 99), manifest).empty());  // night 0 is not counted any more
  EXPECT_EQ(monitor.decisions_since_retrain, 99);
  // What is still said about night 0 is about the old model.
  EXPECT_TRUE(learn(policy, round_with(0, 5, 0), manifest).empty());
  EXPECT_EQ(monitor.decisions_since_retrain, 99);
}

TEST(Monitor, StoredReadingsSayTheSame) {
  StateManifest manifest = one_fleet();
  const Policy policy;
  learn(policy, round_with(0, 10, 90), manifest);
  const FleetReading now = learn(policy, round_with(7, 60, 40), manifest)[0];
  const FleetReading later = stored_readings(policy, manifest)[0];
  EXPECT_EQ(now.loss, later.loss);
  EXPECT_EQ(now.alarm, later.alarm);
  EXPECT_EQ(now.line, later.line);
  EXPECT_EQ(manifest.monitors[0].alarms, 1);
}

TEST(Monitor, EwmaHalvesAfterItsHalfLife) {
  StateManifest manifest = one_fleet();
  Policy policy;
  policy.monitor.kind = MonitorKind::ewma;
  policy.monitor.half_life = 100;
  learn(policy, round_with(0, 100, 0), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].loss, 1.0);
  learn(policy, round_with(1, 0, 100), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].loss, 0.5);
  learn(policy, round_with(2, 0, 200), manifest);
  EXPECT_DOUBLE_EQ(manifest.monitors[0].loss, 0.125);
}

TEST(Monitor, ForgetsRoundsThatNoWindowNeeds) {
  std::vector<RoundTallies> recent{round_with(100, 1, 1), round_with(65, 1, 1), round_with(66, 1, 1)};
  prune_rounds(Policy{}, recent);  // five windows of seven nights
  ASSERT_EQ(recent.size(), 2u);
  EXPECT_EQ(recent[0].round, 66u);
  EXPECT_EQ(recent[1].round, 100u);
}

TEST(TrendTest, AgreesWithAHandComputedCase) {
  // Shares 1/10, 2/10, 3/10: T = 2, Var = (6/30)(24/30)(50 - 30^2/30) = 0.16 * 20 = 3.2, z = 2 / sqrt(3.2).
  const std::int64_t hits[] = {1, 2, 3}, trials[] = {10, 10, 10};
  EXPECT_NEAR(trend_z(hits, trials), 2.0 / std::sqrt(3.2), 1e-12);
  const std::int64_t none[] = {0, 0, 0};
  EXPECT_EQ(trend_z(none, trials), 0.0);
}

std::vector<FleetAnswers> windows_of(std::initializer_list<RoundTallies> rounds) {
  std::vector<FleetAnswers> windows;
  for (const RoundTallies& round : rounds) windows.push_back(round.answers);
  return windows;
}

TEST(Signatures, RisingOverridesAlthoughArmsMoved) {
  const std::vector<std::int64_t> lifetime(cells, 100);
  const auto moved = windows_of({round_with(0, 10, 90, 0), round_with(1, 15, 85, 0), round_with(2, 20, 80, 0),
                                 round_with(3, 25, 75, 1), round_with(4, 30, 70, 1)});
  EXPECT_EQ(find_signatures({}, moved, lifetime, {}, false, arms), std::vector{Signature::override_trend});
  const auto still = windows_of({round_with(0, 10, 90), round_with(1, 15, 85), round_with(2, 20, 80),
                                 round_with(3, 25, 75), round_with(4, 30, 70)});
  EXPECT_TRUE(find_signatures({}, still, lifetime, {}, false, arms).empty());
  const auto flat = windows_of({round_with(0, 20, 80, 0), round_with(1, 20, 80, 0), round_with(2, 20, 80, 0),
                                round_with(3, 21, 79, 1), round_with(4, 20, 80, 1)});
  EXPECT_TRUE(find_signatures({}, flat, lifetime, {}, false, arms).empty());
}

TEST(Signatures, StuckOnAThinExtremeArm) {
  const auto window = windows_of({round_with(0, 5, 24, 1)});
  EXPECT_EQ(find_signatures({}, window, window[0], {}, false, arms), std::vector{Signature::thin_arm});
  const auto thick = windows_of({round_with(0, 5, 25, 1)});
  EXPECT_TRUE(find_signatures({}, thick, thick[0], {}, false, arms).empty());
}

TEST(Signatures, RetrainsTooOften) {
  FleetMonitor monitor;
  monitor.retrains = 1;
  monitor.decisions_since_retrain = 299;  // min_gap = 100
  EXPECT_EQ(find_signatures({}, {}, std::vector<std::int64_t>(cells), monitor, true, arms),
            std::vector{Signature::retrain_rate});
  monitor.decisions_since_retrain = 300;
  EXPECT_TRUE(find_signatures({}, {}, std::vector<std::int64_t>(cells), monitor, true, arms).empty());
}

}  // namespace
}  // namespace npo

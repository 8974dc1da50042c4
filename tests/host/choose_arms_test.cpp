#include "host/choose_arms.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace npo {
namespace {

Policy two_arms(ThresholdKind kind) {
  Policy policy;
  policy.threshold.kind = kind;
  policy.threshold.arms = {0.5f, 0.9f};
  policy.threshold.fixed = 0.9;
  return policy;
}

StateManifest counts(std::vector<std::int64_t> successes, std::vector<std::int64_t> failures) {
  StateManifest manifest;
  manifest.thresholds = {0.5f, 0.9f};
  manifest.fleets = {"north"};
  manifest.successes = std::move(successes);
  manifest.failures = std::move(failures);
  return manifest;
}

FleetArms choose(ThresholdKind kind, const StateManifest& state) {
  return choose_arms(two_arms(kind), state, {"north"}, 1, SimdLevel::scalar);
}

TEST(ChooseArms, CountsBeyondTheLargestShapeKeepTheirMean) {
  const FleetArms chosen =
      choose(ThresholdKind::thompson, counts({3'000'000'000, 0}, {1'000'000'000, 4'000'000'000'000}));
  EXPECT_EQ(chosen.shape_a[0], 1e9f);
  EXPECT_NEAR(chosen.shape_b[0], 1e9f / 3.0f, 100.0f);  // a float's spacing there is 32
  EXPECT_EQ(chosen.shape_a[1], 1.0f);
  EXPECT_EQ(chosen.shape_b[1], 1e9f);
  EXPECT_EQ(chosen.arm[0], 0);
  EXPECT_NEAR(std::accumulate(chosen.probability.begin(), chosen.probability.end(), 0.0), 1.0, 1e-7);
}

TEST(ChooseArms, WhatChanceDecidesIsNeverCertain) {
  for (const ThresholdKind kind : {ThresholdKind::thompson, ThresholdKind::discounted_thompson}) {
    const FleetArms low = choose(kind, counts({10000, 0}, {0, 10000})),
                    high = choose(kind, counts({0, 10000}, {10000, 0}));
    EXPECT_EQ(low.surface_probability, (std::vector<float>{0.0f, 1.0f - 0x1p-24f, 1.0f}));
    EXPECT_EQ(high.surface_probability, (std::vector<float>{0.0f, 0x1p-24f, 1.0f}));
  }
}

TEST(ChooseArms, WhatIsCertainStaysSo) {
  for (const ThresholdKind kind : {ThresholdKind::fixed, ThresholdKind::ucb1})
    EXPECT_EQ(choose(kind, counts({0, 10000}, {10000, 1})).surface_probability,
              (std::vector<float>{0.0f, 0.0f, 1.0f}));
}

TEST(ChooseArms, EpsilonGreedyNamesTheArmOfTheGreatestMean) {
  const FleetArms chosen = choose(ThresholdKind::epsilon_greedy, counts({10, 30}, {20, 20}));
  EXPECT_EQ(chosen.greedy, std::vector<std::uint8_t>{1});
  EXPECT_EQ(chosen.surface_probability, (std::vector<float>{0.0f, 0.05f, 1.0f}));  // epsilon / 2
}

}  // namespace
}  // namespace npo

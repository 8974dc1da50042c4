#include "kernels/synthetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace npo {
namespace {

/// A small world with everything switched on.
struct World {
  std::vector<float> weight{0.9f, -0.4f, 0.1f, 0.7f, -1.1f}, loading{0.3f, -0.2f, 0.0f, 0.1f, 0.2f};
  std::vector<float> level{0.5f, -1.0f, 0.0f}, shift{-2.0f, -1.0f, -3.0f};
  SyntheticPlan plan(double drift = 0.0) const {
    SyntheticPlan plan;
    plan.seed = 42;
    plan.weight = weight;
    plan.loading = loading;
    plan.level = level;
    plan.shift = shift;
    plan.walk_step = 0.05f;
    plan.hidden = 0.8f;
    plan.signal = 1.6f;
    plan.drift = static_cast<float>(drift);
    return plan;
  }
};

struct Rows {
  std::vector<std::uint32_t> fleet;
  std::vector<float> features, approval;
  std::vector<std::uint8_t> label;
  Rows(std::size_t rows, std::size_t dim) : fleet(rows), features(rows * dim), approval(rows), label(rows) {}
  bool operator==(const Rows& other) const {
    const auto same = [](const auto& a, const auto& b) {
      return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
    };
    return same(fleet, other.fleet) && same(features, other.features) && same(approval, other.approval) &&
           same(label, other.label);
  }
};

Rows make(const SyntheticPlan& plan, std::uint32_t first, std::size_t rows, std::uint32_t night,
          SimdLevel level = widest_simd_level()) {
  Rows out(rows, plan.weight.size());
  make_synthetic_rows(plan, first, rows, night, {out.fleet, out.features, out.approval, out.label}, level);
  return out;
}

TEST(Synthetic, GivesTheSameBitsForEveryLevel) {
  const World world;
  for (const double drift : {0.0, 0.3})
    for (const std::uint32_t night : {0u, 1u, 31u, 32u, 33u, 100u}) {
      const Rows reference = make(world.plan(drift), 7, 101, night, SimdLevel::scalar);
      for (const SimdLevel level : {SimdLevel::avx2, SimdLevel::avx512}) {
        if (!supports(level)) continue;
        EXPECT_TRUE(make(world.plan(drift), 7, 101, night, level) == reference) << name_of(level);
      }
    }
}

TEST(Synthetic, GivesTheSameBitsForEveryCut) {
  const World world;
  const Rows whole = make(world.plan(), 1, 200, 3);
  for (const std::size_t piece : {1, 5, 16, 33})
    for (std::size_t first = 0; first < 200; first += piece) {
      const std::size_t rows = std::min(piece, 200 - first);
      const Rows part = make(world.plan(), static_cast<std::uint32_t>(1 + first), rows, 3);
      ASSERT_TRUE(std::equal(part.features.begin(), part.features.end(),
                             whole.features.begin() + static_cast<std::ptrdiff_t>(first) * 5));
      ASSERT_TRUE(std::equal(part.approval.begin(), part.approval.end(),
                             whole.approval.begin() + static_cast<std::ptrdiff_t>(first)));
    }
}

TEST(Synthetic, WritesOnlyWantedColumns) {
  const World world;
  const Rows all = make(world.plan(), 1, 50, 2);
  std::vector<float> approval(50);
  SyntheticRows out;
  out.approval = approval;
  make_synthetic_rows(world.plan(), 1, 50, 2, out, widest_simd_level());
  EXPECT_EQ(approval, all.approval);
}

/// Moments of `rows` draws lie within 5 standard errors: a chance of 6e-7 each.
TEST(Synthetic, DrawsFeaturesAsThePlanSays) {
  const World world;
  constexpr std::size_t rows = 200000;
  constexpr std::uint32_t night = 40;
  const Rows out = make(world.plan(), 1, rows, night);
  for (std::size_t g = 0; g < 3; ++g)
    for (std::size_t i = 0; i < 5; ++i) {
      double n = 0, sum = 0, squares = 0;
      for (std::size_t row = 0; row < rows; ++row) {
        if (out.fleet[row] != g) continue;
        const double x = out.features[row * 5 + i] - double{world.level[g]} * world.loading[i];
        n += 1, sum += x, squares += x * x;
      }
      const double variance = 1.0 + 0.05 * 0.05 * night;
      EXPECT_NEAR(n / rows, 1.0 / 3, 5 * std::sqrt(2.0 / 9 / rows));
      EXPECT_NEAR(sum / n, 0.0, 5 * std::sqrt(variance / n));
      EXPECT_NEAR(squares / n, variance, 5 * std::sqrt(2 / n) * variance);
    }
}

TEST(Synthetic, FeaturesWalkByOneStepANight) {
  const World world;
  Rows before = make(world.plan(), 1, 3000, 0);
  double ups = 0;
  for (std::uint32_t night = 1; night <= 70; ++night) {
    Rows now = make(world.plan(), 1, 3000, night);
    for (std::size_t i = 0; i < now.features.size(); ++i) {
      const float move = now.features[i] - before.features[i];
      ASSERT_NEAR(std::abs(move), 0.05, 2e-6) << "rounding of values near 5";
      ups += move > 0;
    }
    before = std::move(now);
  }
  const double tosses = 70.0 * 3000 * 5;
  EXPECT_NEAR(ups / tosses, 0.5, 5 * std::sqrt(0.25 / tosses));
}

/// p_s follows from features, fleet and a normal effect of the stated size, whose share here is recovered
/// exactly.
TEST(Synthetic, ApprovalIsALogisticFunctionOfFeaturesFleetAndAHiddenEffect) {
  const World world;
  constexpr std::size_t rows = 100000;
  const Rows out = make(world.plan(), 1, rows, 0);
  double sum = 0, squares = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint32_t g = out.fleet[row];
    double known = world.shift[g];
    for (std::size_t i = 0; i < 5; ++i)
      known += world.weight[i] * (out.features[row * 5 + i] - double{world.level[g]} * world.loading[i]);
    const double p = out.approval[row], hidden = (std::log(p / (1 - p)) - known) / 0.8;
    sum += hidden, squares += hidden * hidden;
  }
  EXPECT_NEAR(sum / rows, 0.0, 5 / std::sqrt(double{rows}));
  EXPECT_NEAR(squares / rows, 1.0, 5 * std::sqrt(2.0 / rows));
}

TEST(Synthetic, LabelsAreDrawnAnewEachNightWithTheirProbability) {
  const World world;
  constexpr std::size_t rows = 100000;
  double z = 0, variance = 0, both = 0, expected_both = 0, both_variance = 0;
  const Rows first = make(world.plan(), 1, rows, 0), second = make(world.plan(), 1, rows, 1);
  EXPECT_EQ(first.approval, second.approval) << "without drift nothing changes what may happen";
  for (std::size_t row = 0; row < rows; ++row) {
    const double p = first.approval[row];
    z += first.label[row] - p, variance += p * (1 - p);
    both += first.label[row] & second.label[row];
    expected_both += p * p, both_variance += p * p * (1 - p * p);
  }
  EXPECT_NEAR(z, 0.0, 5 * std::sqrt(variance));
  EXPECT_NEAR(both, expected_both, 5 * std::sqrt(both_variance)) << "two nights are independent";
}

TEST(Synthetic, DeterministicTruthIsZeroOrOneAndTheLabelsSaySo) {
  const World world;
  SyntheticPlan plan = world.plan();
  const Rows soft = make(plan, 1, 50000, 0);
  plan.truth = SyntheticTruth::deterministic;
  const Rows hard = make(plan, 1, 50000, 0);
  double excess = 0, variance = 0;
  for (std::size_t row = 0; row < 50000; ++row) {
    ASSERT_TRUE(hard.approval[row] == 0.0f || hard.approval[row] == 1.0f);
    ASSERT_EQ(hard.label[row], hard.approval[row] == 1.0f);
    const double p = soft.approval[row];
    excess += hard.approval[row] - p, variance += p * (1 - p);
  }
  EXPECT_NEAR(excess, 0.0, 5 * std::sqrt(variance));
}

TEST(Synthetic, DriftRedrawsTheStatedShareAndKeepsTheBaseRate) {
  const World world;
  constexpr std::size_t rows = 100000;
  const SyntheticPlan plan = world.plan(0.2);
  const Rows start = make(plan, 1, rows, 0), later = make(plan, 1, rows, 3);
  double kept = 0, before = 0, after = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    kept += start.approval[row] == later.approval[row];
    before += start.approval[row], after += later.approval[row];
  }
  const double expected = 0.8 * 0.8 * 0.8;
  EXPECT_NEAR(kept / rows, expected, 5 * std::sqrt(expected * (1 - expected) / rows));
  // The variance of p_s is below 1/4 and the two means have half of the redrawn rows each: a wide, safe
  // bound. The signal of redrawn rows is given as 1.6, that of the weights is 1.637.
  EXPECT_NEAR(before / rows, after / rows, 5 * std::sqrt(0.5 / rows));
}

}  // namespace
}  // namespace npo

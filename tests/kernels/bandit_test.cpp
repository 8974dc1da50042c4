#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <numeric>

#include "kernels/error.hpp"
#include "tests/kernels/bandit_samples.hpp"

namespace npo {
namespace {

using bandit_test::assorted_points;
using bandit_test::Bits;
using bandit_test::checkpoints;
using bandit_test::drawn;
using bandit_test::point_of;
using bandit_test::simulated;
using bandit_test::text_of;
using bandit_test::with_breaks;

TEST(Bandits, EveryLevelGivesTheSameBits) {
  for (const BanditPoint& point : assorted_points()) {
    const Bits expected = simulated(point, {3, 35}, SimdLevel::scalar);
    for (const SimdLevel level : {SimdLevel::avx2, SimdLevel::avx512}) {
      if (!supports(level)) continue;
      EXPECT_EQ(simulated(point, {3, 35}, level), expected) << text_of(point) << ", " << name_of(level);
    }
  }
}

/// The digest of every point under the present numeric contract. It changes only together with
/// `numeric_contract_version`.
TEST(Bandits, GoldenDigest) {
  std::uint64_t all = 0;
  for (const BanditPoint& point : assorted_points()) {
    const Bits bits = simulated(point, {0, 21});
    all = XXH3_64bits_withSeed(bits.data(), bits.size() * sizeof bits[0], all);
  }
  EXPECT_EQ(all, 0xb0ae0fa10451c497u) << std::hex << "0x" << all;
}

/// The same replicates one at a time.
Bits one_by_one(const BanditPoint& point, ReplicateRange range) {
  const std::size_t columns = bandit_columns(point.arms);
  Bits all(checkpoints.size() * columns * range.count);
  for (std::size_t i = 0; i < range.count; ++i) {
    const Bits one = simulated(point, {range.first + i, 1});
    for (std::size_t cell = 0; cell < one.size(); ++cell) all[cell * range.count + i] = one[cell];
  }
  return all;
}

TEST(Bandits, AReplicateDependsOnItsNumberAlone) {
  for (const BanditPoint& point : assorted_points()) {
    const ReplicateRange range{1000, 18};
    EXPECT_EQ(simulated(point, range), one_by_one(point, range)) << text_of(point);
  }
}

TEST(Bandits, NumbersPast32BitsAreOtherReplicates) {
  const BanditPoint point = point_of(StudyPolicy::thompson, 5);
  const ReplicateRange across{(std::uint64_t{1} << 32) - 5, 24};
  EXPECT_EQ(simulated(point, across), one_by_one(point, across));
  EXPECT_NE(simulated(point, {std::uint64_t{1} << 32, 16}), simulated(point, {0, 16}));
}

TEST(Bandits, SeedAndStreamMakeOtherReplicates) {
  for (const StudyPolicy policy : {StudyPolicy::thompson, StudyPolicy::ucb1}) {
    const BanditPoint point = point_of(policy, 5);
    const Bits first = simulated(point, {0, 16});
    EXPECT_NE(simulated(point, {0, 16}, widest_simd_level(), {8, 0}), first);
    EXPECT_NE(simulated(point, {0, 16}, widest_simd_level(), {7, 1}), first);
  }
}

float cell(const StudyBlock& block, std::size_t checkpoint, BanditColumn column, std::size_t replicate,
           std::uint32_t offset = 0) {
  return block.column(checkpoint, static_cast<std::size_t>(column) + offset)[replicate];
}

TEST(Bandits, WhereCheckpointsAreDoesNotMatter) {
  for (const BanditPoint& point : assorted_points()) {
    StudyBlock many, last;
    simulate_bandits(point, {7, 0}, {0, 20}, checkpoints, widest_simd_level(), many);
    simulate_bandits(point, {7, 0}, {0, 20}, std::span(checkpoints).last(1), widest_simd_level(), last);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(cell(many, 4, BanditColumn::regret, i), cell(last, 0, BanditColumn::regret, i))
          << text_of(point);
      for (const BanditColumn column :
           {BanditColumn::episodes, BanditColumn::reward, BanditColumn::best, BanditColumn::arm}) {
        float sum = 0.0f;
        for (std::size_t c = 0; c < checkpoints.size(); ++c) sum += cell(many, c, column, i);
        EXPECT_EQ(sum, cell(last, 0, column, i)) << text_of(point);
      }
    }
  }
}

TEST(Bandits, PlaysAddUpToEpisodes) {
  for (const BanditPoint& point : assorted_points()) {
    if (point.arms > 32) continue;  // without columns of their own
    StudyBlock block;
    simulate_bandits(point, {7, 0}, {0, 20}, checkpoints, widest_simd_level(), block);
    for (std::size_t c = 0; c < checkpoints.size(); ++c) {
      for (std::size_t i = 0; i < 20; ++i) {
        float plays = 0.0f;
        for (std::uint32_t k = 0; k < point.arms; ++k) plays += cell(block, c, BanditColumn::arm, i, k);
        const float episodes = cell(block, c, BanditColumn::episodes, i);
        EXPECT_EQ(plays, episodes) << text_of(point);
        EXPECT_LE(cell(block, c, BanditColumn::reward, i), episodes) << text_of(point);
        EXPECT_LE(cell(block, c, BanditColumn::best, i), episodes) << text_of(point);
      }
    }
  }
}

TEST(BanditTrace, AgreesWithTheSimulation) {
  for (const BanditPoint& point : assorted_points()) {
    StudyBlock block;
    simulate_bandits(point, {7, 0}, {9, 1}, std::span(checkpoints).last(1), widest_simd_level(), block);
    const BanditTrace trace = trace_bandit(point, {7, 0}, 9);
    ASSERT_EQ(trace.arm.size(), point.horizon);
    EXPECT_EQ(static_cast<float>(std::accumulate(trace.reward.begin(), trace.reward.end(), 0)),
              cell(block, 0, BanditColumn::reward, 0))
        << text_of(point);
    EXPECT_EQ(static_cast<float>(std::ranges::count(trace.arm, 1u)), cell(block, 0, BanditColumn::arm, 0, 1));
    // Plays times gap or gap after gap: the two sums differ by the rounding of double.
    EXPECT_NEAR(trace.regret.back(), cell(block, 0, BanditColumn::regret, 0), 1e-5) << text_of(point);
  }
}

TEST(BanditTrace, ArmsChangeWhenASegmentEnds) {
  BanditPoint point = point_of(StudyPolicy::fixed, 3);
  point.means = {0.1, 0.2, 0.3, 0.5, 0.6, 0.7};
  point.break_every = 50;
  const BanditTrace trace = trace_bandit(point, {1, 0}, 0);
  EXPECT_NEAR(trace.mean[49], 0.3, 1e-7);
  EXPECT_NEAR(trace.mean[50], 0.7, 1e-7);
  EXPECT_NEAR(trace.mean[149], 0.7, 1e-7) << "the last segment lasts to the end";
  point = drawn(point);
  const BanditTrace redrawn = trace_bandit(point, {1, 0}, 0);
  EXPECT_EQ(redrawn.mean[0], redrawn.mean[49]);
  EXPECT_NE(redrawn.mean[49], redrawn.mean[50]);
  EXPECT_NE(redrawn.mean[50], redrawn.mean[100]);
  EXPECT_GE(redrawn.best_mean[0], redrawn.mean[0]);
}

TEST(Bandits, PointsShareTheirRandomNumbers) {
  BanditPoint low = point_of(StudyPolicy::fixed, 3), high = low;
  low.means = {0.5, 0.5, 0.40};
  high.means = {0.5, 0.5, 0.45};
  for (std::uint64_t replicate = 0; replicate < 40; ++replicate) {
    const BanditTrace a = trace_bandit(low, {1, 0}, replicate), b = trace_bandit(high, {1, 0}, replicate);
    for (std::size_t t = 0; t < a.reward.size(); ++t)
      ASSERT_LE(a.reward[t], b.reward[t]) << "a better arm must win wherever the worse one does";
  }
}

TEST(Bandits, PointsOutOfRangeAreRefusedByName) {
  const auto refusal = [](const BanditPoint& point) -> std::string {
    try {
      simulated(point, {0, 1});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      return error.what();
    }
    return "accepted";
  };
  BanditPoint point = point_of(StudyPolicy::thompson, 4);
  point.means[2] = 1.5;
  EXPECT_THAT(refusal(point), testing::HasSubstr("means = 1.5"));
  point = point_of(StudyPolicy::thompson, 4);
  point.means.pop_back();
  EXPECT_THAT(refusal(point), testing::HasSubstr("3 numbers for 4 arms"));
  point = point_of(StudyPolicy::discounted_thompson, 4);
  point.policy.discount = 0.0;
  EXPECT_THAT(refusal(point), testing::HasSubstr("discount"));
  point = with_breaks(point_of(StudyPolicy::thompson, 4), 0);
  EXPECT_THAT(refusal(point), testing::HasSubstr("break_every"));
}

}  // namespace
}  // namespace npo

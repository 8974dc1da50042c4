#include <gtest/gtest.h>

#include "kernels/error.hpp"
#include "tests/kernels/loop_samples.hpp"

namespace npo {
namespace {

using loop_test::checkpoints_to;
using loop_test::digest;
using loop_test::levels;
using loop_test::records;
using loop_test::Sample;
using loop_test::samples;

constexpr std::uint32_t horizon = 400;

StudyBlock simulate(const LoopPoint& point, ReplicateRange range, SimdLevel level, bool simple_path = true) {
  StudyBlock block;
  simulate_loops_by_path(point, {7, 3}, range, checkpoints_to(point.horizon), level, simple_path, block);
  return block;
}

TEST(LoopLevels, EveryLevelAndBothPathsGiveTheSameBits) {
  for (const Sample& sample : samples(horizon)) {
    const auto expected = records(simulate(sample.point, {100, 37}, SimdLevel::scalar));
    for (const SimdLevel level : levels())
      for (const bool simple_path : {false, true})
        EXPECT_EQ(records(simulate(sample.point, {100, 37}, level, simple_path)), expected)
            << sample.name << ", " << name_of(level) << ", " << (simple_path ? "short" : "general")
            << " path";
  }
}

TEST(LoopLevels, TheSamplesDiffer) {
  std::vector<std::uint64_t> seen;
  for (const Sample& sample : samples(horizon)) {
    const std::uint64_t now = digest(simulate(sample.point, {0, 37}, widest_simd_level()));
    EXPECT_EQ(std::count(seen.begin(), seen.end(), now), 0) << sample.name;
    seen.push_back(now);
  }
}

TEST(LoopLevels, AReplicateDoesNotDependOnItsBlockOrLane) {
  for (const Sample& sample : samples(horizon)) {
    const StudyBlock whole = simulate(sample.point, {50, 45}, widest_simd_level());
    for (const ReplicateRange range :
         {ReplicateRange{53, 1}, ReplicateRange{61, 20}, ReplicateRange{94, 1}}) {
      const StudyBlock part = simulate(sample.point, range, widest_simd_level());
      for (std::size_t c = 0; c < part.checkpoints(); ++c)
        for (std::size_t k = 0; k < part.columns(); ++k)
          for (std::size_t i = 0; i < range.count; ++i)
            ASSERT_EQ(part.column(c, k)[i], whole.column(c, k)[range.first - 50 + i])
                << sample.name << ", column " << k << " of replicate " << range.first + i;
    }
  }
}

/// Replicate numbers go through 2^32 within a pack.
TEST(LoopLevels, ReplicateNumbersCarry) {
  const LoopPoint point = loop_test::defaults(60);
  const std::uint64_t edge = std::uint64_t{1} << 32;
  const StudyBlock pack = simulate(point, {edge - 5, 11}, widest_simd_level());
  for (std::size_t i = 0; i < 11; ++i) {
    const StudyBlock alone = simulate(point, {edge - 5 + i, 1}, SimdLevel::scalar);
    for (std::size_t k = 0; k < alone.columns(); ++k) EXPECT_EQ(alone.column(3, k)[0], pack.column(3, k)[i]);
  }
}

/// What is counted up to a checkpoint does not depend on where the others are.
TEST(LoopLevels, CheckpointsOnlyCutTheCounts) {
  const LoopPoint point = loop_test::defaults(horizon);
  StudyBlock fine, coarse;
  const std::vector<std::uint32_t> all{3, 77, 110, 400}, last{400};
  simulate_loops(point, {1, 0}, {0, 20}, all, widest_simd_level(), fine);
  simulate_loops(point, {1, 0}, {0, 20}, last, widest_simd_level(), coarse);
  for (const auto column :
       {LoopColumn::episodes, LoopColumn::overrides, LoopColumn::likes, LoopColumn::surfaced,
        LoopColumn::truths, LoopColumn::watches, LoopColumn::hits, LoopColumn::arm}) {
    const auto k = static_cast<std::size_t>(column);
    for (std::size_t i = 0; i < 20; ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < 4; ++c) sum += fine.column(c, k)[i];
      EXPECT_EQ(sum, coarse.column(0, k)[i]) << "column " << k;
    }
  }
  for (const auto column : {LoopColumn::retrains, LoopColumn::score_error, LoopColumn::mean_score})
    for (std::size_t i = 0; i < 20; ++i)
      EXPECT_EQ(fine.column(3, static_cast<std::size_t>(column))[i],
                coarse.column(0, static_cast<std::size_t>(column))[i]);
}

/// A horizon beyond the stretch after which counts are flushed.
TEST(LoopLevels, LongRunsCountEveryEpisode) {
  LoopPoint point = loop_test::defaults(140000);
  point.world.blocked_share = 0.5;
  StudyBlock block;
  const std::vector<std::uint32_t> last{140000};
  simulate_loops(point, {1, 0}, {0, 16}, last, widest_simd_level(), block);
  const auto value = [&](LoopColumn column, std::size_t i) {
    return block.column(0, static_cast<std::size_t>(column))[i];
  };
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(value(LoopColumn::episodes, i), 140000.0f);
    EXPECT_EQ(value(LoopColumn::truths, i), 14000.0f);
    EXPECT_NEAR(value(LoopColumn::blocked, i), 70000.0f, 1000.0f) << "five standard deviations";
    EXPECT_EQ(value(LoopColumn::blocked, i) + value(LoopColumn::decisions, i), 140000.0f);
    EXPECT_EQ(value(LoopColumn::overrides, i) + value(LoopColumn::likes, i) + value(LoopColumn::neutrals, i) +
                  value(LoopColumn::skips, i),
              value(LoopColumn::decisions, i));
    float arms = 0;
    for (std::size_t k = 0; k < 5; ++k)
      arms += block.column(0, static_cast<std::size_t>(LoopColumn::arm) + k)[i];
    EXPECT_EQ(arms, 140000.0f);
  }
}

/// The digest of fixed set-ups under the present numeric contract. It changes only together with
/// `numeric_contract_version`.
TEST(LoopLevels, GoldenDigest) {
  for (const SimdLevel level : levels()) {
    std::uint64_t all = 0;
    for (const Sample& sample : samples(horizon)) {
      const std::uint64_t one = digest(simulate(sample.point, {0, 21}, level));
      all = XXH3_64bits_withSeed(&one, sizeof one, all);
    }
    EXPECT_EQ(all, 0x959e4eb490d26c3cu) << name_of(level) << std::hex << " 0x" << all;
  }
}

TEST(LoopLevels, RefusesWhatItCannotRun) {
  StudyBlock block;
  const auto refused = [&](LoopPoint point, ReplicateRange range, std::vector<std::uint32_t> checkpoints) {
    EXPECT_THROW(simulate_loops(point, {1, 0}, range, checkpoints, SimdLevel::scalar, block), Error);
  };
  refused({}, {0, 0}, {10});
  refused({}, {0, max_block_replicates + 1}, {10});
  refused({}, {0, 1}, {});
  refused({}, {0, 1}, {10, 10});
  refused({}, {0, 1}, {1001});
  LoopPoint steep;
  steep.learning.kappa = 0.3;
  refused(steep, {0, 1}, {10});
}

}  // namespace
}  // namespace npo

#include "kernels/poisson_bootstrap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include "kernels/error.hpp"
#include "tests/kernels/naive_bootstrap.hpp"

namespace npo {
namespace {

using test::BootstrapTable;
using test::naive_totals;

const SimdLevel levels[] = {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512};

std::vector<std::int64_t> all_totals(const BootstrapSums& sums) {
  std::vector<std::int64_t> all;
  for (std::size_t g = 0; g < sums.plan().segments; ++g)
    for (std::size_t c = 0; c < sums.plan().columns; ++c) {
      all.push_back(sums.observed(g, c));
      const auto totals = sums.replicates(g, c);
      all.insert(all.end(), totals.begin(), totals.end());
    }
  return all;
}

void two_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::thread other([&] {
    for (std::size_t i = 1; i < count; i += 2) work(i);
  });
  for (std::size_t i = 0; i < count; i += 2) work(i);
  other.join();
}

TEST(PoissonBootstrap, AddsCountsTimesValuesOnEveryLevel) {
  for (const std::uint32_t replicates : {1u, 7u, 8u, 130u}) {
    const BootstrapTable table(5000, 3, 21);
    const BootstrapPlan plan{42, replicates, 3, 1};
    const auto expected = naive_totals(table, plan);
    for (const SimdLevel level : levels) {
      if (!supports(level)) continue;
      BootstrapSums sums(plan);
      sums.add(table.units(), level);
      EXPECT_EQ(all_totals(sums), expected) << name_of(level) << ", " << replicates << " replicates";
    }
  }
}

TEST(PoissonBootstrap, SegmentsHaveTotalsOfTheirOwnInAnyOrderOfRows) {
  for (const std::size_t segments : {2u, 50u, 3000u}) {
    BootstrapTable table(4500, 2, 22);
    table.draw_segments(segments);
    const BootstrapPlan plan{1, 20, 2, segments};
    const auto expected = naive_totals(table, plan);
    for (const bool sorted : {false, true}) {
      if (sorted) std::ranges::sort(table.segment);
      for (const SimdLevel level : levels) {
        if (!supports(level)) continue;
        BootstrapSums sums(plan);
        sums.add(table.units(), level);
        EXPECT_EQ(all_totals(sums), sorted ? naive_totals(table, plan) : expected) << name_of(level);
      }
    }
    BootstrapSums sums(plan), whole({1, 20, 2, 1});
    sums.add(table.units(), widest_simd_level());
    BootstrapUnits rows = table.units();
    rows.segment = {};
    whole.add(rows, widest_simd_level());
    EXPECT_EQ(all_totals(sums.overall()), all_totals(whole));
  }
}

TEST(PoissonBootstrap, CutsPartsAndThreadsGiveTheSameTotals) {
  BootstrapTable table(10000, 2, 23);
  table.draw_segments(5);
  const BootstrapPlan plan{3, 300, 2, 5};
  BootstrapSums whole(plan);
  whole.add(table.units(), widest_simd_level());
  for (const std::size_t batch : {1000u, 2047u, 4096u}) {
    BootstrapSums batches(plan), merged(plan);
    for (std::size_t begin = 0; begin < 10000; begin += batch) {
      const BootstrapUnits part = table.part(begin, std::min<std::size_t>(batch, 10000 - begin));
      batches.add(part, widest_simd_level(), two_threads);
      BootstrapSums alone(plan);
      alone.add(part, SimdLevel::avx2);
      merged.merge(alone);
    }
    EXPECT_EQ(all_totals(batches), all_totals(whole)) << batch;
    EXPECT_EQ(all_totals(merged), all_totals(whole)) << batch;
  }
}

TEST(PoissonBootstrap, RowNumbersAreKeysWhereThereAreNone) {
  BootstrapTable table(3000, 1, 24);
  for (std::size_t i = 0; i < 3000; ++i) table.key[i] = (std::uint64_t{1} << 32) - 1000 + i;
  BootstrapSums keyed({5, 64, 1, 1}), numbered({5, 64, 1, 1});
  keyed.add(table.units(), widest_simd_level());
  BootstrapUnits rows = table.units();
  rows.key = {};
  rows.first_key = (std::uint64_t{1} << 32) - 1000;
  rows.units = 3000;
  numbered.add(rows, widest_simd_level());
  EXPECT_EQ(all_totals(keyed), all_totals(numbered));
}

TEST(PoissonBootstrap, FoldedClustersGiveTheTotalsOfTheirRows) {
  BootstrapTable table(6000, 2, 25);
  table.draw_segments(4);
  std::mt19937_64 random(26);
  for (auto& key : table.key) key = (random() % 700) << 33;
  const BootstrapPlan plan{8, 100, 2, 4};
  BootstrapSums rows(plan), clusters(plan);
  rows.add(table.units(), widest_simd_level());
  const FoldedClusters folded = fold_clusters(table.units());
  EXPECT_LE(folded.key.size(), 4u * 700u);
  EXPECT_TRUE(std::ranges::is_sorted(folded.segment));
  clusters.add(folded.units(), widest_simd_level());
  EXPECT_EQ(all_totals(clusters), all_totals(rows));
}

/// The spread of a mean over replicates is its standard error: for iid rows sigma / sqrt(n), within five
/// standard errors sqrt(1 / (2 B)) of itself; clusters of equal rows have sqrt(rows a cluster) times as much.
TEST(PoissonBootstrap, SpreadIsTheStandardErrorAndClustersWidenIt) {
  constexpr std::size_t n = 4000, a_cluster = 4;
  constexpr std::uint32_t replicates = 4000;
  BootstrapTable table(n, 2, 27);
  std::mt19937_64 random(28);
  for (std::size_t i = 0; i < n; ++i) {
    if (i % a_cluster == 0)
      table.column[0][i] = static_cast<std::int64_t>(random() % 1000);
    else
      table.column[0][i] = table.column[0][i - 1];
    table.column[1][i] = 1;
  }
  double mean = 0, squares = 0;
  for (const std::int64_t x : table.column[0]) mean += static_cast<double>(x) / n;
  for (const std::int64_t x : table.column[0]) squares += std::pow(static_cast<double>(x) - mean, 2) / n;
  const double plain = std::sqrt(squares / n), clustered = plain * std::sqrt(a_cluster);
  const auto spread = [&] {
    BootstrapSums sums({9, replicates, 2, 1});
    sums.add(table.units(), widest_simd_level());
    double variance = 0;
    for (std::size_t b = 0; b < replicates; ++b) {
      const auto total = static_cast<double>(sums.replicates(0, 0)[b]);
      variance += std::pow(total / static_cast<double>(sums.replicates(0, 1)[b]) - mean, 2) / replicates;
    }
    return std::sqrt(variance);
  };
  const double tolerance = 5.0 * std::sqrt(0.5 / replicates);
  EXPECT_NEAR(spread() / plain, 1.0, tolerance + 0.01) << "0.01: the ratio's own curvature, of order 1 / n";
  for (std::size_t i = 0; i < n; ++i) table.key[i] = i / a_cluster;
  EXPECT_NEAR(spread() / clustered, 1.0, tolerance + 0.01);
}

TEST(PoissonBootstrap, HoldsLargeValuesOfBothSigns) {
  BootstrapTable table(1000, 2, 29);
  for (std::size_t i = 0; i < 1000; ++i) {
    table.column[0][i] = (i % 2 == 0 ? 1 : -1) * ((std::int64_t{1} << 47) + static_cast<std::int64_t>(i));
    table.column[1][i] = i == 500 ? std::int64_t{1} << 58 : 0;
  }
  const BootstrapPlan plan{2, 40, 2, 1};
  for (const SimdLevel level : levels) {
    if (!supports(level)) continue;
    BootstrapSums sums(plan);
    sums.add(table.units(), level);
    EXPECT_EQ(all_totals(sums), naive_totals(table, plan)) << name_of(level);
  }
}

TEST(PoissonBootstrap, FixedPointColumnsRoundToNearestAndNameBadRows) {
  const std::vector<double> values{0.5, -0.75, 0x1.8p-31, 0.0};
  EXPECT_THAT(to_bootstrap_column(values, 30), testing::ElementsAre(1 << 29, -(3 << 28), 1, 0));
  EXPECT_THAT(to_bootstrap_column(values, 31), testing::ElementsAre(1 << 30, -(3 << 29), 2, 0));
  for (const double bad : {0x1.01p28, -0x1.01p28, std::numeric_limits<double>::quiet_NaN()}) {
    try {
      to_bootstrap_column(std::vector<double>{0.0, bad}, 30, 100);
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      EXPECT_THAT(error.what(), testing::HasSubstr("row 101"));
    }
  }
}

TEST(PoissonBootstrap, RefusesWhatDoesNotFit) {
  BootstrapTable table(10, 1, 30);
  table.segment.assign(10, 3);
  BootstrapSums three({0, 8, 1, 3});
  EXPECT_THROW(three.add(table.units(), SimdLevel::scalar), Error);
  table.segment.clear();
  table.column[0].assign(10, std::int64_t{1} << 55);
  BootstrapSums sums({0, 8, 1, 1});
  EXPECT_THROW(sums.add(table.units(), SimdLevel::scalar), Error) << "ten of them exceed 2^58";
  EXPECT_THROW(BootstrapSums({0, max_bootstrap_replicates + 1, 1, 1}), Error);
  EXPECT_THROW(sums.merge(three), Error);
}

}  // namespace
}  // namespace npo

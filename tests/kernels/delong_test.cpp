#include "kernels/delong.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/kernels/metric_table.hpp"

namespace npo {
namespace {

using test::MetricTable;

/// Against the comparison of all pairs in NumPy (tests/oracles/metrics_sklearn.py); sums of a thousand terms.
TEST(DeLong, GivesTheVarianceOfAllPairs) {
  int compared = 0;
  for (const auto& known : test::metric_cases(NPO_SOURCE_DIR)) {
    if (!known.answer.contains("delong_rows")) continue;
    const MetricTable table = known.table();
    const auto rows = delong_segments(table.rows(known.weighted), {})[0];
    const auto clusters = delong_segments(table.rows(known.weighted), table.cluster)[0];
    EXPECT_NEAR(rows->auroc, known.answer.at("auroc"), 1e-12);
    EXPECT_NEAR(*rows->variance / known.answer.at("delong_rows"), 1.0, 1e-10) << known.name;
    EXPECT_NEAR(*clusters->variance / known.answer.at("delong_clusters"), 1.0, 1e-10) << known.name;
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

/// The original example's form: two scores, placements by definition, covariances of components.
TEST(DeLong, ThePairedVarianceIsThatOfTheComponents) {
  MetricTable table(300, 32, false, 21);
  std::mt19937 random(22);
  std::vector<float> other(300);
  for (std::size_t i = 0; i < 300; ++i)
    other[i] = 0.5f * table.score[i] + static_cast<float>(random() % 16) / 32.0f;
  const auto components = [&](const std::vector<float>& score, std::uint8_t of) {
    std::vector<double> values;
    for (std::size_t i = 0; i < 300; ++i) {
      if (table.label[i] != of) continue;
      double sum = 0.0, count = 0.0;
      for (std::size_t j = 0; j < 300; ++j) {
        if (table.label[j] == of) continue;
        const float gap = of == 1 ? score[i] - score[j] : score[j] - score[i];
        sum += gap > 0.0f ? 1.0 : gap == 0.0f ? 0.5 : 0.0;
        count += 1.0;
      }
      values.push_back(sum / count);
    }
    return values;
  };
  double variance = 0.0;
  for (const auto of : {std::uint8_t{0}, std::uint8_t{1}}) {
    const auto a = components(table.score, of), b = components(other, of);
    const double m = static_cast<double>(a.size());
    double mean = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) mean += (a[i] - b[i]) / m;
    for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(a[i] - b[i] - mean, 2) / (m - 1.0);
    variance += squares / m;
  }
  const auto paired = paired_delong_segments(table.rows(false), other, {})[0];
  EXPECT_NEAR(*paired->variance / variance, 1.0, 1e-10);
  EXPECT_EQ(paired->difference, paired->first.auroc - paired->second.auroc);
  const auto alone = delong_segments(table.rows(false), {})[0];
  EXPECT_EQ(paired->first.variance, alone->variance);
  const auto same = paired_delong_segments(table.rows(false), table.score, {})[0];
  EXPECT_EQ(*same->variance, 0.0);
  EXPECT_EQ(same->difference, 0.0);
}

/// Leaving out one cluster at a time gives nearly the same variance; they differ by terms of order 1 /
/// clusters.
TEST(DeLong, TheClusteredVarianceIsNearTheJackknife) {
  const MetricTable table(2000, 1 << 20, false, 23);
  std::vector<double> left_out;
  constexpr std::size_t clusters = 400;
  for (std::size_t c = 0; c < clusters; ++c) {
    MetricTable part(5, 2, false, 0);
    part.score.clear(), part.label.clear();
    for (std::size_t i = 0; i < 2000; ++i) {
      if (table.cluster[i] == c) continue;
      part.score.push_back(table.score[i]);
      part.label.push_back(table.label[i]);
    }
    left_out.push_back(*rank_segments(part.rows(false))[0].auroc);
  }
  double mean = 0.0, variance = 0.0;
  for (const double auroc : left_out) mean += auroc / clusters;
  for (const double auroc : left_out) variance += std::pow(auroc - mean, 2) * (clusters - 1.0) / clusters;
  const auto delong = delong_segments(table.rows(false), table.cluster)[0];
  EXPECT_NEAR(*delong->variance / variance, 1.0, 0.02);
  EXPECT_GT(std::abs(*delong_segments(table.rows(false), {})[0]->variance / variance - 1.0), 1e-4)
      << "rows are not clusters";
}

TEST(DeLong, RepeatedRowsInAClusterChangeNothing) {
  const MetricTable table(400, 1 << 10, false, 24);
  std::vector<std::uint64_t> cluster(400);
  std::iota(cluster.begin(), cluster.end(), std::uint64_t{1} << 40);
  const auto once = delong_segments(table.rows(false), cluster)[0];
  MetricTable twice = table;
  twice.score.insert(twice.score.end(), table.score.begin(), table.score.end());
  twice.label.insert(twice.label.end(), table.label.begin(), table.label.end());
  std::vector<std::uint64_t> both = cluster;
  both.insert(both.end(), cluster.begin(), cluster.end());
  const auto clustered = delong_segments(twice.rows(false), both)[0];
  EXPECT_NEAR(*clustered->variance / *once->variance, 1.0, 1e-12);
  EXPECT_EQ(clustered->clusters, 400u);
  EXPECT_LT(*delong_segments(twice.rows(false), {})[0]->variance, 0.51 * *once->variance)
      << "as if independent";
}

TEST(DeLong, SegmentsStandAlone) {
  const MetricTable table(3000, 1 << 10, true, 25);
  std::vector<std::uint32_t> segment;
  for (std::size_t i = 0; i < 3000; ++i) segment.push_back(static_cast<std::uint32_t>(i % 3 == 0 ? 0 : 2));
  RankedRows rows = table.rows(true);
  rows.segment = segment;
  const auto all = delong_segments(rows, table.cluster, 4);
  EXPECT_FALSE(all[1] || all[3]);
  for (const std::uint32_t g : {0u, 2u}) {
    MetricTable alone = table;
    for (std::size_t i = 0; i < 3000; ++i)
      if (segment[i] != g) alone.label[i] = 255;
    const auto one = delong_segments(alone.rows(true), table.cluster)[0];
    EXPECT_EQ(all[g]->variance, one->variance);
    EXPECT_EQ(all[g]->clusters, one->clusters);
  }
}

TEST(DeLong, WithoutTwoClustersOfAClassThereIsNoVariance) {
  const std::vector<float> score{0.1f, 0.2f, 0.3f};
  const std::vector<std::uint8_t> label{0, 0, 1}, one_class{0, 0, 0};
  const auto single = delong_segments({score, label, {}, {}}, {})[0];
  EXPECT_EQ(single->auroc, 1.0);
  EXPECT_FALSE(single->variance);
  EXPECT_FALSE(delong_segments({score, one_class, {}, {}}, {})[0]);
}

}  // namespace
}  // namespace npo

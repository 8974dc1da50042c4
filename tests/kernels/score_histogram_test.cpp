#include "kernels/score_histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "kernels/error.hpp"
#include "tests/kernels/metric_table.hpp"

namespace npo {
namespace {

using test::MetricTable;

ScoreHistogram histogram_of(const MetricTable& table, const HistogramPlan& plan) {
  ScoreHistogram histogram(plan);
  histogram.add(table.score, table.label);
  return histogram;
}

TEST(ScoreHistogram, BoundsHoldTheExactMetrics) {
  for (const std::uint64_t seed : {1u, 2u, 3u})
    for (const int bits : {1, 4, 8, 12, 16}) {
      const MetricTable table(30000, 1 << 22, false, seed);
      const RankedSummary exact = rank_segments(table.rows(false))[0];
      const ScoreHistogram histogram = histogram_of(table, {bits});
      const auto auroc = histogram.auroc(), precision = histogram.average_precision();
      ASSERT_TRUE(auroc && precision);
      EXPECT_LE(auroc->low, *exact.auroc);
      EXPECT_GE(auroc->high, *exact.auroc);
      EXPECT_LE(precision->low, *exact.average_precision) << bits;
      EXPECT_GE(precision->high, *exact.average_precision) << bits;
      EXPECT_LE(precision->low, precision->value);
      EXPECT_GE(precision->high, precision->value);
      EXPECT_NEAR(auroc->value, *exact.auroc, (auroc->high - auroc->low) / 2);
    }
}

/// Orders within the bins that are as bad as can be reach the bound.
TEST(ScoreHistogram, TheBoundOfAurocIsReached) {
  MetricTable table(2000, 16, false, 4);
  MetricTable best = table, worst = table;
  for (std::size_t i = 0; i < 2000; ++i) {
    const float nudge = table.label[i] == 1 ? 0.01f : -0.01f;
    best.score[i] += nudge;
    worst.score[i] -= nudge;
  }
  const auto auroc = histogram_of(table, {4}).auroc();
  EXPECT_NEAR(auroc->high, *rank_segments(best.rows(false))[0].auroc, 1e-12);
  EXPECT_NEAR(auroc->low, *rank_segments(worst.rows(false))[0].auroc, 1e-12);
}

/// Every order and every tie pattern of a few rows in one bin stays within the bounds of average precision.
TEST(ScoreHistogram, TheBoundsOfAveragePrecisionHoldForEveryOrderAndTie) {
  constexpr unsigned rows = 7, all_labels = 1u << (rows + 2);  // two more lie in the bin above
  for (unsigned labels = 1; labels < all_labels; ++labels)
    for (unsigned ties = 0; ties < 1u << (rows - 1); ++ties) {
      std::vector<float> score{0.9f, 0.8f};
      std::vector<std::uint8_t> label;
      float place = 0.25f;
      for (unsigned i = 0; i < rows; ++i) {
        if (i > 0 && (ties >> (i - 1) & 1u) == 0) place += 0.001f;
        score.push_back(place);
      }
      for (unsigned i = 0; i < rows + 2; ++i) label.push_back(static_cast<std::uint8_t>(labels >> i & 1u));
      const RankedSummary exact = rank_segments({score, label, {}, {}})[0];
      ScoreHistogram histogram({1});
      histogram.add(score, label);
      const auto bound = histogram.average_precision();
      ASSERT_LE(bound->low, *exact.average_precision + 1e-15) << labels << " " << ties;
      ASSERT_GE(bound->high, *exact.average_precision - 1e-15) << labels << " " << ties;
    }
}

TEST(ScoreHistogram, SegmentsCutsAndMergesGiveTheSameCounts) {
  const MetricTable table(5001, 1 << 20, false, 5);
  std::vector<std::uint32_t> segment;
  for (std::size_t i = 0; i < 5001; ++i) segment.push_back(static_cast<std::uint32_t>(table.cluster[i] % 7));
  const HistogramPlan plan{.bits = 9, .low = 0.0f, .high = 1.0f, .segments = 7};
  ScoreHistogram whole(plan), merged(plan);
  whole.add(table.score, table.label, segment);
  for (std::size_t begin = 0; begin < 5001; begin += 700) {
    const std::size_t n = std::min<std::size_t>(700, 5001 - begin);
    ScoreHistogram part(plan);
    part.add(std::span(table.score).subspan(begin, n), std::span(table.label).subspan(begin, n),
             std::span(segment).subspan(begin, n), begin);
    merged.merge(part);
  }
  EXPECT_EQ(merged, whole);
  EXPECT_EQ(whole.overall(), histogram_of(table, {9}));
  EXPECT_EQ(whole.overall().positives(0) + whole.overall().negatives(0), 5001u);
}

TEST(ScoreHistogram, CurveHasTheCountsAtTheLowerEdges) {
  const MetricTable table(4000, 1 << 20, false, 6);
  const ScoreHistogram histogram = histogram_of(table, {6});
  const auto curve = histogram.curve();
  EXPECT_EQ(curve.size(), 64u);
  for (const CurvePoint& point : curve) {
    std::uint64_t yes = 0, no = 0;
    for (std::size_t i = 0; i < 4000; ++i)
      if (table.score[i] >= point.threshold) ++(table.label[i] == 1 ? yes : no);
    EXPECT_EQ(point, (CurvePoint{point.threshold, yes, no}));
  }
  for (const HistogramPlan& plan : {HistogramPlan{10, -3.0f, 7.7f, 1}, HistogramPlan{12, 0.1f, 0.3f, 1}}) {
    const ScoreHistogram other(plan);
    for (std::size_t bin = 0; bin < other.bins(); bin += 37) {
      ScoreHistogram one(plan);
      const float edge = other.lower_edge(bin);
      one.add(std::vector<float>{edge, std::nextafter(edge, plan.high)}, std::vector<std::uint8_t>{1, 1});
      EXPECT_EQ(one.count(0, bin, Label::yes), 2u) << bin;
      if (bin == 0) continue;
      one.add(std::vector<float>{std::nextafter(edge, plan.low)}, std::vector<std::uint8_t>{0});
      EXPECT_EQ(one.count(0, bin - 1, Label::no), 1u) << bin;
    }
  }
}

TEST(ScoreHistogram, UnknownLabelsAreCountedApartAndBadRowsNamed) {
  ScoreHistogram histogram({8});
  histogram.add(std::vector<float>{0.0f, 1.0f, 0.5f}, std::vector<std::uint8_t>{0, 1, 255});
  EXPECT_EQ(histogram.unknown(), 1u);
  EXPECT_EQ(histogram.count(0, 0, Label::no), 1u);
  EXPECT_EQ(histogram.count(0, 255, Label::yes), 1u);
  EXPECT_EQ(histogram.auroc()->value, 1.0);
  EXPECT_FALSE(ScoreHistogram({8}).auroc());
  const auto refusal = [](float score, std::uint8_t label) {
    ScoreHistogram one({8});
    std::vector<float> scores(1000, 0.5f);
    std::vector<std::uint8_t> labels(1000, 0);
    scores[700] = score;
    labels[700] = label;
    try {
      one.add(scores, labels, {}, 5000);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      return std::string(error.what());
    }
    return std::string();
  };
  for (const float bad : {-0.1f, 1.1f, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THAT(refusal(bad, 1), testing::StartsWith("row 5700 holds the score"));
  EXPECT_THAT(refusal(0.5f, 3), testing::StartsWith("row 5700 holds the label 3"));
  EXPECT_THROW(ScoreHistogram({25}), Error);
  EXPECT_THROW(ScoreHistogram({8, 1.0f, 0.0f, 1}), Error);
}

}  // namespace
}  // namespace npo

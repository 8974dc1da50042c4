#include "kernels/ranked_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <thread>

#include "kernels/error.hpp"
#include "tests/kernels/metric_table.hpp"

namespace npo {
namespace {

using test::MetricTable;

/// Integer sums are exact; what is left are a few roundings of the last division, and in the oracles' own
/// sums.
constexpr double rounding = 1e-12;

bool same(const RankedSummary& a, const RankedSummary& b) {
  return a.positives == b.positives && a.negatives == b.negatives && a.positive_rows == b.positive_rows &&
         a.negative_rows == b.negative_rows && a.auroc == b.auroc &&
         a.average_precision == b.average_precision;
}

void four_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = count; i-- > 0;)
        if (i % 4 == t) work(i);
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(RankedMetrics, GivesTheAnswersOfScikitLearn) {
  const auto cases = test::metric_cases(NPO_SOURCE_DIR);
  ASSERT_EQ(cases.size(), 5u);
  for (const auto& known : cases) {
    const MetricTable table = known.table();
    const RankedSummary summary = rank_segments(table.rows(known.weighted))[0];
    EXPECT_NEAR(*summary.auroc, known.answer.at("auroc"), rounding) << known.name;
    EXPECT_NEAR(*summary.average_precision, known.answer.at("average_precision"), rounding) << known.name;
  }
}

TEST(RankedMetrics, HandlesScoresOfAnySizeAndSign) {
  MetricTable table(300, 64, true, 9);
  for (std::size_t i = 0; i < 300; ++i) {
    const int shape = static_cast<int>(i % 5);
    if (shape == 0) table.score[i] = -table.score[i];
    if (shape == 1) table.score[i] *= 3e38f;
    if (shape == 2) table.score[i] *= -1e-42f;
    if (shape == 3) table.score[i] = i % 2 == 0 ? 0.0f : -0.0f;
  }
  for (const bool weighted : {false, true}) {
    const RankedRows rows = table.rows(weighted);
    const RankedSummary summary = rank_segments(rows)[0];
    EXPECT_NEAR(*summary.auroc, test::naive_auroc(rows), rounding);
    EXPECT_NEAR(*summary.average_precision, test::naive_average_precision(rows), rounding);
  }
}

TEST(RankedMetrics, SmallAnswersByHand) {
  const auto summary = [](std::vector<float> score, std::vector<std::uint8_t> label) {
    return rank_segments({score, label, {}, {}})[0];
  };
  EXPECT_EQ(summary({0.1f, 0.2f, 0.9f, 0.8f}, {0, 0, 1, 1}).auroc, 1.0);
  EXPECT_EQ(summary({0.9f, 0.2f, 0.1f}, {0, 0, 1}).auroc, 0.0);
  EXPECT_EQ(summary({0.5f, 0.5f, 0.5f, 0.5f}, {0, 1, 0, 1}).auroc, 0.5);
  EXPECT_EQ(summary({0.5f, 0.5f, 0.5f, 0.5f}, {0, 1, 0, 1}).average_precision, 0.5);
  EXPECT_EQ(summary({0.4f, 0.6f}, {1, 0}).average_precision, 0.5);
}

TEST(RankedMetrics, WithoutAClassThereIsNoMetric) {
  const std::vector<float> score{0.1f, 0.9f};
  const auto of = [&](std::uint8_t a, std::uint8_t b) {
    const std::vector<std::uint8_t> label{a, b};
    return rank_segments({score, label, {}, {}})[0];
  };
  EXPECT_FALSE(of(0, 0).auroc || of(0, 0).average_precision);
  EXPECT_FALSE(of(1, 1).auroc);
  EXPECT_EQ(of(1, 1).average_precision, 1.0);
  EXPECT_FALSE(of(255, 1).auroc);
  EXPECT_EQ(of(255, 1).positive_rows, 1u);
  EXPECT_FALSE(rank_segments({})[0].auroc) << "no rows at all";
}

TEST(RankedMetrics, SegmentsAreRankedAsIfAlone) {
  MetricTable table(6000, 1 << 10, true, 11);
  std::mt19937 random(12);
  std::vector<std::uint32_t> segment(6000);
  for (auto& g : segment) g = static_cast<std::uint32_t>(random() % 40 + (random() % 2 == 0 ? 0 : 1));
  for (auto& y : table.label)
    if (random() % 10 == 0) y = 255;
  for (const bool weighted : {false, true}) {
    RankedRows rows = table.rows(weighted);
    rows.segment = segment;
    const auto all = rank_segments(rows, 50);
    ASSERT_EQ(all.size(), 50u);
    for (std::uint32_t g = 0; g < 50; ++g) {
      MetricTable alone(0 + 5, 1, false, 0);
      alone.score.clear(), alone.label.clear(), alone.eighths.clear();
      for (std::size_t i = 0; i < 6000; ++i) {
        if (segment[i] != g) continue;
        alone.score.push_back(table.score[i]);
        alone.label.push_back(table.label[i]);
        alone.eighths.push_back(table.eighths[i]);
      }
      EXPECT_TRUE(same(all[g], rank_segments(alone.rows(weighted))[0])) << g;
    }
  }
}

/// Large enough that segments are split by rank and the stretches of a scatter are several.
TEST(RankedMetrics, ThreadsAndOrderOfRowsDoNotMatter) {
  MetricTable table(700000, 1 << 22, true, 13);
  std::vector<std::uint32_t> segment(700000);
  for (std::size_t i = 0; i < segment.size(); ++i) {
    segment[i] = i % 10 == 0 ? 1 : 0;
    if (i % 3 == 0) table.score[i] = table.score[i] * table.score[i] * 1e-3f;  // crowded near zero
    if (i % 7 == 0) table.score[i] = 0.25f;                                    // a heavy tie
  }
  for (const bool weighted : {false, true})
    for (const std::size_t segments : {1u, 2u}) {
      RankedRows rows = table.rows(weighted);
      if (segments == 2) rows.segment = segment;
      const auto expected = rank_segments(rows, segments),
                 threaded = rank_segments(rows, segments, four_threads);
      MetricTable turned = table;
      turned.score.assign(table.score.rbegin(), table.score.rend());
      turned.label.assign(table.label.rbegin(), table.label.rend());
      turned.eighths.assign(table.eighths.rbegin(), table.eighths.rend());
      std::vector<std::uint32_t> turned_segment(segment.rbegin(), segment.rend());
      RankedRows turned_rows = turned.rows(weighted);
      if (segments == 2) turned_rows.segment = turned_segment;
      const auto reversed = rank_segments(turned_rows, segments);
      for (std::size_t g = 0; g < segments; ++g) {
        EXPECT_TRUE(same(threaded[g], expected[g]));
        EXPECT_TRUE(same(reversed[g], expected[g]));
      }
    }
}

/// The whole of a large table against a plain sort.
TEST(RankedMetrics, LargeTablesAgreeWithAPlainSort) {
  MetricTable table(500000, 1 << 23, false, 14);
  std::vector<std::size_t> order(table.score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return table.score[a] > table.score[b]; });
  double pairs = 0.0, precision = 0.0, yes = 0.0, no = 0.0;
  for (std::size_t i = 0; i < order.size();) {
    double p = 0.0, n = 0.0;
    const float score = table.score[order[i]];
    for (; i < order.size() && table.score[order[i]] == score; ++i)
      (table.label[order[i]] == 1 ? p : n) += 1.0;
    pairs += n * (yes + 0.5 * p);
    yes += p, no += n;
    precision += p * (yes / (yes + no));
  }
  const RankedSummary summary = rank_segments(table.rows(false))[0];
  EXPECT_NEAR(*summary.auroc, pairs / (yes * no), rounding);
  EXPECT_NEAR(*summary.average_precision, precision / yes, rounding);
}

TEST(RankedCurve, PassesEveryThresholdAndEndsWithAllRows) {
  const MetricTable table(900, 32, true, 15);
  const RankedRows rows = table.rows(true);
  const auto curve = ranked_curve(rows);
  EXPECT_EQ(curve.size(), 32u);
  for (const CurvePoint& point : curve) {
    std::uint64_t yes = 0, no = 0;
    for (std::size_t i = 0; i < 900; ++i)
      if (table.score[i] >= point.threshold) (table.label[i] == 1 ? yes : no) += table.eighths[i];
    EXPECT_EQ(point, (CurvePoint{point.threshold, yes, no}));
  }
  EXPECT_TRUE(std::ranges::is_sorted(curve, std::greater{}, &CurvePoint::threshold));
}

TEST(RankedCurve, ThinnedCurvesKeepTheirArea) {
  const MetricTable table(200000, 1 << 22, false, 16);
  const RankedRows rows = table.rows(false);
  const auto full = ranked_curve(rows), thin = ranked_curve(rows, 200);
  EXPECT_LE(thin.size(), 402u);
  EXPECT_EQ(thin.front(), full.front());
  EXPECT_EQ(thin.back(), full.back());
  const auto area = [](const std::vector<CurvePoint>& curve) {
    double sum = 0.0, x = 0.0, y = 0.0;
    for (const CurvePoint& point : curve) {
      const auto fp = static_cast<double>(point.false_positive),
                 tp = static_cast<double>(point.true_positive);
      sum += (fp - x) * (tp + y) / 2.0;
      x = fp, y = tp;
    }
    return sum / (x * y);
  };
  EXPECT_NEAR(area(full), *rank_segments(rows)[0].auroc, 1e-9);
  EXPECT_NEAR(area(thin), area(full), 1e-4) << "chords of 1 % of a smooth curve";
  // A leap at one score stays a leap.
  MetricTable leap = table;
  for (std::size_t i = 0; i < 100000; ++i) leap.score[i] = 0.5f;
  const auto leaps = ranked_curve(leap.rows(false), 50);
  const auto after = std::ranges::find(leaps, 0.5f, &CurvePoint::threshold);
  ASSERT_NE(after, leaps.end());
  const auto all = ranked_curve(leap.rows(false));
  EXPECT_EQ(*std::prev(after), *std::prev(std::ranges::find(all, 0.5f, &CurvePoint::threshold)));
}

TEST(RankedMetrics, NamesTheFirstBadRow) {
  const auto refusal = [](auto spoil) {
    MetricTable table(20, 8, true, 17);
    std::vector<std::uint32_t> segment(20, 0);
    spoil(table, segment);
    RankedRows rows = table.rows(true);
    rows.segment = segment;
    try {
      rank_segments(rows, 2);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto starts = [](const char* text) { return testing::StartsWith(text); };
  EXPECT_THAT(refusal([](auto& t, auto&) { t.score[7] = std::numeric_limits<float>::quiet_NaN(); }),
              starts("row 7 holds the score nan"));
  EXPECT_THAT(refusal([](auto& t, auto&) { t.score[8] = std::numeric_limits<float>::infinity(); }),
              starts("row 8 holds the score inf"));
  EXPECT_THAT(refusal([](auto& t, auto&) { t.label[9] = 2; }), starts("row 9 holds the label 2"));
  EXPECT_THAT(refusal([](auto& t, auto&) { t.eighths[3] = 1u << 31; }), starts("row 3 holds the weight"));
  EXPECT_THAT(refusal([](auto&, auto& segment) { segment[4] = 2; }), starts("row 4 holds segment 2"));
}

TEST(IntegerWeights, KeepSmallIntegersExactAndScaleTheRest) {
  const std::vector<float> small{0.0f, 3.0f, 7.0f}, real{0.1f, 1000.0f};
  const IntegerWeights exact = integer_weights(small), scaled = integer_weights(real);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(exact.weight[i] * exact.unit, small[i]);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(scaled.weight[i] * scaled.unit, real[i], scaled.unit / 2);
  EXPECT_LT(scaled.weight[1], 1u << 30);
  EXPECT_THROW(integer_weights(std::vector<float>{1.0f, -1.0f}), Error);
  EXPECT_THROW(integer_weights(std::vector<float>{0.0f, 0.0f}), Error);
  EXPECT_THROW(integer_weights(std::vector<float>{std::numeric_limits<float>::quiet_NaN()}), Error);
}

}  // namespace
}  // namespace npo

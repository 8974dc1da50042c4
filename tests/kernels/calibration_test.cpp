#include "kernels/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "kernels/error.hpp"
#include "tests/kernels/metric_table.hpp"

namespace npo {
namespace {

using test::MetricTable;

CalibrationRows rows_of(const MetricTable& table) {
  return {table.score, table.label, table.weight, {}};
}

/// scikit-learn's and NumPy's sums in double; each item here is rounded to 2^-40.
TEST(Calibration, GivesTheAnswersOfScikitLearn) {
  for (const auto& known : test::metric_cases(NPO_SOURCE_DIR)) {
    const MetricTable table = known.table();
    CalibrationTally tally(1, 10);
    tally.add(rows_of(table));
    const CalibrationSummary summary = tally.summary(0);
    EXPECT_NEAR(*summary.brier, known.answer.at("brier"), 1e-11) << known.name;
    EXPECT_NEAR(*summary.log_loss, known.answer.at("log_loss"), 1e-11) << known.name;
    EXPECT_NEAR(*summary.ece, known.answer.at("ece"), 1e-11) << known.name;
    const auto line = fit_calibration(rows_of(table));
    ASSERT_TRUE(line) << known.name;
    // The oracle's own fit stops at a gradient of 1e-14 a row.
    EXPECT_NEAR(line->slope, known.answer.at("slope"), 1e-8) << known.name;
    EXPECT_NEAR(line->intercept, known.answer.at("intercept"), 1e-8) << known.name;
    EXPECT_NEAR(line->slope_error, known.answer.at("slope_error"), 1e-8) << known.name;
    EXPECT_NEAR(line->intercept_error, known.answer.at("intercept_error"), 1e-8) << known.name;
  }
}

TEST(Calibration, CutsSegmentsAndMergesGiveTheSameSums) {
  MetricTable table(5000, 1 << 16, true, 31);
  std::vector<std::uint32_t> segment;
  for (std::size_t i = 0; i < 5000; ++i) segment.push_back(static_cast<std::uint32_t>(i % 5));
  table.label[17] = 255;
  CalibrationTally whole(5, 15), merged(5, 15), one(1, 15);
  CalibrationRows rows = rows_of(table);
  one.add(rows);
  rows.segment = segment;
  whole.add(rows);
  for (std::size_t begin = 5000; begin > 0; begin -= 500) {
    CalibrationTally part(5, 15);
    const std::size_t at = begin - 500;
    part.add({rows.score.subspan(at, 500), rows.label.subspan(at, 500), rows.weight.subspan(at, 500),
              rows.segment.subspan(at, 500)});
    merged.merge(part);
  }
  EXPECT_EQ(merged, whole);
  EXPECT_EQ(whole.unknown(), 1u);
  EXPECT_EQ(*whole.overall().brier, *one.summary(0).brier);
  EXPECT_EQ(*whole.overall().ece, *one.summary(0).ece);
  EXPECT_EQ(whole.overall().rows, 4999u);
}

TEST(Calibration, SmallAnswersByHand) {
  const std::vector<float> score{0.0f, 1.0f, 0.25f, 1.0f};
  const std::vector<std::uint8_t> label{0, 1, 1, 0};
  CalibrationTally tally(1, 4);
  tally.add({score, label, {}, {}});
  const CalibrationSummary summary = tally.summary(0);
  EXPECT_EQ(*summary.brier, (0.0 + 0.0 + 0.5625 + 1.0) / 4);
  EXPECT_NEAR(*summary.log_loss, (0.0 + 0.0 + std::log(4.0) + 52 * std::log(2.0)) / 4, 1e-11);
  EXPECT_EQ(summary.bins[0].rows, 1u);
  EXPECT_EQ(summary.bins[1].rows, 1u) << "a score on an edge belongs to the bin above";
  EXPECT_EQ(summary.bins[3].rows, 2u) << "the last bin holds 1";
  EXPECT_EQ(summary.bins[3].mean_score, 1.0);
  EXPECT_EQ(summary.bins[3].rate, 0.5);
  EXPECT_EQ(*summary.ece, (0.0 + 0.75 + 1.0) / 4);
  EXPECT_EQ(*summary.max_error, 0.75);
  EXPECT_EQ(*summary.bias, 0.0625);
  EXPECT_FALSE(CalibrationTally(1, 4).summary(0).brier);
}

TEST(Calibration, TheLineHasTheSameBitsOnAnyThreads) {
  const MetricTable table(50000, 1 << 16, true, 32);
  const auto threads = [](std::size_t count, const std::function<void(std::size_t)>& work) {
    std::thread other([&] {
      for (std::size_t i = count; i-- > count / 2;) work(i);
    });
    for (std::size_t i = 0; i < count / 2; ++i) work(i);
    other.join();
  };
  const auto alone = fit_calibration(rows_of(table)), together = fit_calibration(rows_of(table), threads);
  EXPECT_EQ(alone->slope, together->slope);
  EXPECT_EQ(alone->intercept, together->intercept);
  EXPECT_EQ(alone->slope_error, together->slope_error);
}

TEST(Calibration, RecoversARecalibration) {
  MetricTable table(200000, 1 << 20, false, 33);
  for (float& score : table.score) {
    const double logit = std::log(score / (1.0 - score));
    score = static_cast<float>(1.0 / (1.0 + std::exp(-(logit - 0.5) / 2.0)));  // true logit: 0.5 + 2 logit
  }
  const auto line = fit_calibration(rows_of(table));
  EXPECT_NEAR(line->slope, 2.0, 5 * line->slope_error);
  EXPECT_NEAR(line->intercept, 0.5, 5 * line->intercept_error);
}

TEST(Calibration, ThereIsNoLineWithoutOverlap) {
  const auto line = [](std::vector<float> score, std::vector<std::uint8_t> label) {
    return fit_calibration({score, label, {}, {}});
  };
  EXPECT_FALSE(line({0.1f, 0.2f, 0.8f, 0.9f}, {0, 0, 1, 1}));
  EXPECT_FALSE(line({0.1f, 0.2f, 0.8f, 0.9f}, {1, 1, 0, 0}));
  EXPECT_FALSE(line({0.1f, 0.5f, 0.5f, 0.9f}, {0, 0, 1, 1})) << "they touch at one score";
  EXPECT_FALSE(line({0.5f, 0.5f, 0.5f, 0.5f}, {0, 1, 0, 1}));
  EXPECT_FALSE(line({0.1f, 0.9f}, {1, 1}));
  EXPECT_FALSE(line({}, {}));
  EXPECT_TRUE(line({0.1f, 0.6f, 0.4f, 0.9f}, {0, 0, 1, 1}));
}

TEST(Calibration, NamesTheFirstBadRow) {
  const auto refusal = [](float score, std::uint8_t label, float weight, std::uint32_t segment) {
    const std::vector<float> scores{0.5f, score}, weights{1.0f, weight};
    const std::vector<std::uint8_t> labels{1, label};
    const std::vector<std::uint32_t> segments{0, segment};
    CalibrationTally tally(1, 10);
    try {
      tally.add({scores, labels, weights, segments}, 70);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      return std::string(error.what());
    }
    return std::string();
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {-0.01f, 1.01f, nan})
    EXPECT_THAT(refusal(bad, 1, 1.0f, 0), testing::StartsWith("row 71 holds the score"));
  EXPECT_THAT(refusal(0.5f, 2, 1.0f, 0), testing::StartsWith("row 71 holds the label 2"));
  for (const float bad : {-1.0f, 1.5f, nan})
    EXPECT_THAT(refusal(0.5f, 1, bad, 0), testing::StartsWith("row 71 holds the weight"));
  EXPECT_THAT(refusal(0.5f, 1, 1.0f, 1), testing::StartsWith("row 71 holds segment 1"));
}

}  // namespace
}  // namespace npo

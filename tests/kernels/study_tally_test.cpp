#include "kernels/study_tally.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint32_t ratio_metric = 0, plain_metric = 1, signed_metric = 2;

/// A ratio of columns 0 and 1 (undefined in some replicates), a growing column 2 and a signed column 3.
std::vector<StudyMetric> metrics() {
  return {
      {.name = "ratio", .numerator = 0, .denominator = 1},
      {.name = "growing", .numerator = 2, .bins = StudyBins::log_linear, .first_octave = -9, .grows = true},
      {.name = "signed", .numerator = 3, .low = -1.0f}};
}

const std::vector<std::uint32_t> checkpoints = {10, 1000};

/// What a made-up world gives in one replicate.
std::array<float, 4> columns_of(std::uint64_t replicate, std::size_t checkpoint) {
  std::mt19937_64 engine(replicate * 2 + checkpoint);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const std::uint32_t episodes = checkpoints[checkpoint];
  const auto denominator = static_cast<std::uint32_t>(uniform(engine) * 3.0) * episodes / 3;
  std::binomial_distribution<std::uint32_t> successes(denominator, 0.3);
  return {static_cast<float>(successes(engine)), static_cast<float>(denominator),
          static_cast<float>(episodes * uniform(engine) * uniform(engine)),
          static_cast<float>(2.0 * uniform(engine) - 1.0)};
}

StudyBlock block_of(ReplicateRange range, float shift = 0.0f) {
  StudyBlock block;
  block.resize(range, checkpoints.size(), 4);
  for (std::size_t c = 0; c < checkpoints.size(); ++c) {
    for (std::size_t i = 0; i < range.count; ++i) {
      const auto values = columns_of(range.first + i, c);
      for (std::size_t k = 0; k < 4; ++k)
        block.data()[(c * 4 + k) * block.stride() + i] = values[k] + (k == 3 ? shift : 0.0f);
    }
  }
  return block;
}

StudyTally tally_of(std::initializer_list<ReplicateRange> ranges) {
  StudyTally tally(metrics(), checkpoints);
  for (const ReplicateRange& range : ranges) tally.add(block_of(range));
  return tally;
}

std::vector<double> defined_values(std::uint32_t metric, std::size_t checkpoint, std::uint64_t count) {
  std::vector<double> values;
  for (std::uint64_t r = 0; r < count; ++r) {
    const auto column = columns_of(r, checkpoint);
    if (metric == ratio_metric) {
      if (column[1] > 0.0f) values.push_back(column[0] / column[1]);
    } else {
      values.push_back(column[metric + 1]);
    }
  }
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(values.size() - 1);
}

TEST(StudyTally, TheSameWordsFromAnyBlocksInAnyOrder) {
  const StudyTally whole = tally_of({{0, 1000}});
  EXPECT_TRUE(whole == tally_of({{999, 1}, {0, 300}, {512, 487}, {300, 212}}));
  StudyTally left = tally_of({{700, 300}});
  left.merge(tally_of({{0, 16}, {16, 684}}));
  EXPECT_TRUE(whole == left);
  EXPECT_EQ(whole.words(), left.words());
  EXPECT_FALSE(whole == tally_of({{0, 999}, {1001, 1}}));
}

TEST(StudyTally, MeanAndVarianceAreThoseOfTheValues) {
  const StudyTally tally = tally_of({{0, 2000}});
  for (const std::uint32_t metric : {plain_metric, signed_metric}) {
    for (std::size_t c = 0; c < checkpoints.size(); ++c) {
      const auto values = defined_values(metric, c, 2000);
      const StudySummary summary = tally.summary(c, metric);
      EXPECT_EQ(summary.count, values.size());
      // Each value is rounded to at most 2^-33 of the largest.
      const double unit = metric == plain_metric ? checkpoints[c] : 1.0;
      EXPECT_NEAR(summary.mean, mean_of(values), 1e-9 * unit);
      EXPECT_NEAR(summary.variance, variance_of(values), 1e-9 * unit * unit);
      EXPECT_NEAR(summary.standard_error, std::sqrt(variance_of(values) / 2000.0), 1e-9 * unit);
    }
  }
}

TEST(StudyTally, ARatioIsTheRatioOfTotals) {
  const StudyTally tally = tally_of({{0, 2000}});
  for (std::size_t c = 0; c < checkpoints.size(); ++c) {
    double numerator = 0.0, denominator = 0.0;
    for (std::uint64_t r = 0; r < 2000; ++r) {
      numerator += columns_of(r, c)[0];
      denominator += columns_of(r, c)[1];
    }
    const auto values = defined_values(ratio_metric, c, 2000);
    const StudySummary summary = tally.summary(c, ratio_metric);
    EXPECT_LT(summary.count, 2000u);
    EXPECT_EQ(summary.count, values.size());
    EXPECT_NEAR(summary.mean, numerator / denominator, 1e-12);
    EXPECT_NEAR(summary.variance, variance_of(values), 1e-9);
    EXPECT_NE(summary.mean, mean_of(values));
    // Successes are binomial given the denominator, so the ratio's error is that of all trials together.
    EXPECT_NEAR(summary.standard_error / std::sqrt(0.3 * 0.7 / denominator), 1.0, 0.1);
  }
}

TEST(StudyTally, QuantilesAreWithinTheResolutionOfTheBins) {
  const StudyTally tally = tally_of({{0, 2000}});
  for (const std::uint32_t metric : {ratio_metric, plain_metric, signed_metric}) {
    for (std::size_t c = 0; c < checkpoints.size(); ++c) {
      auto values = defined_values(metric, c, 2000);
      std::sort(values.begin(), values.end());
      const StudySummary summary = tally.summary(c, metric);
      for (std::size_t q = 0; q < study_quantiles.size(); ++q) {
        const auto rank = static_cast<std::size_t>(
            std::ceil(study_quantiles[q] * static_cast<double>(values.size()) - 1e-9));
        const double exact = values[rank - 1];
        const double resolution = metric == plain_metric    ? std::max(exact / 64.0, 0x1p-9)
                                  : metric == signed_metric ? 1.0 / 1024.0
                                                            : 0.5 / 1024.0;
        EXPECT_NEAR(summary.quantile[q], exact, resolution * 1.0001) << metric << " " << c << " " << q;
      }
    }
  }
}

/// The 5 % and the 95 % quantile of one repeated value.
std::array<double, 5> quantiles_of_constant(const StudyMetric& metric, float value) {
  StudyTally tally({metric}, {1u << 20});
  StudyBlock block;
  block.resize({0, 600}, 1, 1);
  std::ranges::fill(block.values(), value);
  tally.add(block);
  return tally.summary(0, 0).quantile;
}

TEST(StudyTally, EndsAndSmallIntegersAreExact) {
  const StudyMetric share{.name = "share"};
  const StudyMetric count{.name = "count", .bins = StudyBins::log_linear, .first_octave = -9, .grows = true};
  for (const float x : {0.0f, 0.25f, 1.0f}) EXPECT_THAT(quantiles_of_constant(share, x), testing::Each(x));
  for (const float x : {0.0f, 1.0f, 2.0f, 7.0f, 33.0f, 63.0f, 64.0f})
    EXPECT_THAT(quantiles_of_constant(count, x), testing::Each(x));
  for (const float x : {100.0f, 12345.0f, 1e6f})
    EXPECT_NEAR(quantiles_of_constant(count, x)[2] / x, 1.0, 1.0 / 64.0);
  EXPECT_THAT(quantiles_of_constant(count, 1e-6f), testing::Each(0.0));
}

TEST(StudyTally, ContrastsAreDifferencesWithinReplicates) {
  const ReplicateRange range{5, 1200};
  StudyTally tally(metrics(), checkpoints);
  tally.add(block_of(range, 0.25f), block_of(range));
  const StudyContrast moved = tally.contrast(1, signed_metric), same = tally.contrast(1, ratio_metric);
  EXPECT_EQ(moved.count, 1200u);
  EXPECT_NEAR(moved.mean, 0.25, 1e-7);    // floats near 1 are rounded by 2^-24
  EXPECT_LT(moved.standard_error, 1e-7);  // all the noise is common to both
  EXPECT_GT(tally.summary(1, signed_metric).standard_error, 0.01);
  EXPECT_LT(same.count, 1200u);
  EXPECT_EQ(same.count, tally.summary(1, ratio_metric).count);
  EXPECT_EQ(same.mean, 0.0);
  EXPECT_EQ(tally_of({range}).contrast(1, signed_metric).count, 0u);
}

TEST(StudyTally, WordsGoOutAndComeBack) {
  StudyTally tally(metrics(), checkpoints);
  tally.add(block_of({0, 700}, 0.5f), block_of({0, 700}));
  StudyTally back(metrics(), checkpoints);
  back.restore(tally.replicates(), tally.words(), tally.bins());
  EXPECT_TRUE(back == tally);
  EXPECT_EQ(back.replicates(), 700u);
  EXPECT_EQ(back.summary(1, 0).mean, tally.summary(1, 0).mean);
  EXPECT_EQ(tally.words().size(), checkpoints.size() * metrics().size() * StudyTally::cell_words);
}

TEST(StudyTally, OneReplicateHasAMeanAndNoStandardError) {
  StudyTally tally(metrics(), checkpoints);
  tally.add(block_of({0, 1}), block_of({0, 1}));
  for (const std::uint32_t metric : {plain_metric, signed_metric, ratio_metric})
    for (std::size_t c = 0; c < checkpoints.size(); ++c) {
      const StudySummary summary = tally.summary(c, metric);
      if (summary.count == 0) continue;
      EXPECT_EQ(summary.count, 1u);
      EXPECT_TRUE(std::isfinite(summary.mean));
      EXPECT_TRUE(std::isnan(summary.variance) && std::isnan(summary.standard_error));
      EXPECT_EQ(tally.contrast(c, metric).mean, 0.0);
      EXPECT_TRUE(std::isnan(tally.contrast(c, metric).standard_error));
    }
}

TEST(StudyTally, DamagedWordsAreRefused) {
  const StudyTally tally = tally_of({{0, 100}});
  StudyTally back(metrics(), checkpoints);
  auto words = tally.words();
  EXPECT_THROW(back.restore(100, std::span(words).first(words.size() - 1), tally.bins()), Error);
  EXPECT_THROW(back.restore(99, words, tally.bins()), Error);
  ++words[StudyTally::cell_words];
  EXPECT_THROW(back.restore(100, words, tally.bins()), Error);
  EXPECT_TRUE(back == StudyTally(metrics(), checkpoints)) << "a refused file must not leave a trace";
}

TEST(StudyTally, ValuesThatAreNotNumbersAreRefusedByName) {
  StudyTally tally(metrics(), checkpoints);
  StudyBlock block = block_of({0, 40});
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 100.0f}) {
    block.data()[3 * block.stride() + 7] = bad;
    try {
      tally.add(block);
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("signed"));
    }
  }
}

TEST(StudyTally, PartsThatDoNotFitAreRefused) {
  StudyTally tally = tally_of({{0, 10}});
  EXPECT_THROW(tally.merge(StudyTally(metrics(), {10, 999})), Error);
  EXPECT_THROW(tally.merge(StudyTally(bandit_metrics(3), checkpoints)), Error);
  EXPECT_THROW(tally.add(block_of({0, 10}), block_of({1, 10})), Error);
}

}  // namespace
}  // namespace npo

#include "kernels/moments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "tests/kernels/metric_table.hpp"

namespace npo {
namespace {

using test::MetricTable;

const SimdLevel levels[] = {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512};

/// Four sums, each of items rounded to 2^-50 of their bound.
TEST(Moments, GivesTheAnswersOfNumpy) {
  for (const auto& known : test::metric_cases(NPO_SOURCE_DIR)) {
    const MetricTable table = known.table();
    Moments moments;
    moments.add(table.score, table.weight, widest_simd_level());
    EXPECT_NEAR(*moments.mean(), known.answer.at("mean"), 1e-13) << known.name;
    EXPECT_NEAR(*moments.variance(), known.answer.at("variance"), 1e-13) << known.name;
  }
}

TEST(Moments, LevelsCutsAndMergesGiveTheSameBits) {
  MetricTable table(10007, 1 << 22, true, 41);
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    table.score[i] = (table.score[i] - 0.3f) * 900.0f;
    table.weight[i] *= 37.7f;
  }
  const MomentScale scale = moment_scale_of(table.score, table.weight);
  for (const bool weighted : {true, false}) {
    const auto add = [&](Moments& moments, std::size_t begin, std::size_t n, SimdLevel level) {
      const auto values = std::span(table.score).subspan(begin, n);
      if (weighted)
        moments.add(values, std::span(table.weight).subspan(begin, n), level);
      else
        moments.add(values, level);
    };
    Moments expected(scale);
    add(expected, 0, 10007, SimdLevel::scalar);
    for (const SimdLevel level : levels) {
      if (!supports(level)) continue;
      for (const std::size_t piece : {10007u, 4096u, 4095u, 1000u, 13u}) {
        Moments merged(scale);
        for (std::size_t begin = 0; begin < 10007; begin += piece) {
          Moments part(scale);
          add(part, begin, std::min<std::size_t>(piece, 10007 - begin), level);
          merged.merge(part);
        }
        EXPECT_EQ(merged, expected) << name_of(level) << " in pieces of " << piece;
      }
    }
  }
}

TEST(Moments, SumsAreExactWhereTheItemsAre) {
  const std::vector<float> values{0.5f, -0.25f, 1.0f, -1.0f}, weights{1.0f, 0.5f, 0.25f, 0.0f};
  for (const SimdLevel level : levels) {
    if (!supports(level)) continue;
    Moments moments;
    moments.add(values, weights, level);
    EXPECT_EQ(moments.rows(), 4u);
    EXPECT_EQ(moments.sum_w(), 1.75);
    EXPECT_EQ(moments.sum_ww(), 1.3125);
    EXPECT_EQ(moments.sum_wx(), 0.625);
    EXPECT_EQ(moments.sum_wxx(), 0.53125);
    EXPECT_EQ(*moments.effective_rows(), 1.75 * 1.75 / 1.3125);
    Moments plain;
    plain.add(values, level);
    EXPECT_EQ(plain.sum_w(), 4.0);
    EXPECT_EQ(plain.sum_wx(), 0.25);
  }
}

/// A scale far from 1 keeps the relative precision.
TEST(Moments, ScalesToLargeAndSmallNumbers) {
  for (const int exponent : {-40, 0, 40}) {
    MetricTable table(3000, 1 << 20, true, 42);
    double w = 0.0, wx = 0.0;
    for (std::size_t i = 0; i < 3000; ++i) {
      table.score[i] = std::ldexp(table.score[i], exponent);
      table.weight[i] = std::ldexp(table.weight[i], -exponent);
      w += double{table.weight[i]};
      wx += double{table.weight[i]} * table.score[i];
    }
    Moments moments(moment_scale_of(table.score, table.weight));
    moments.add(table.score, table.weight, widest_simd_level());
    EXPECT_NEAR(*moments.mean() / (wx / w), 1.0, 1e-12) << exponent;
  }
  EXPECT_EQ(moment_scale_of(std::vector<float>{0.5f, -8.0f}), (MomentScale{3, 0}));
  EXPECT_EQ(moment_scale_of(std::vector<float>{0.75f}, std::vector<float>{9.0f}), (MomentScale{0, 4}));
}

TEST(Moments, WithoutWeightThereIsNoMean) {
  Moments moments;
  EXPECT_FALSE(moments.mean() || moments.variance() || moments.effective_rows());
  moments.add(std::vector<float>{0.5f}, std::vector<float>{-0.0f}, widest_simd_level());
  EXPECT_FALSE(moments.mean()) << "a weight of -0 is 0";
  Moments constant;
  constant.add(std::vector<float>(1000, 0.7f), widest_simd_level());
  EXPECT_EQ(*constant.mean(), double{0.7f});
  EXPECT_NEAR(*constant.variance(), 0.0, 1e-14);
}

TEST(Moments, NamesTheFirstRowOutsideTheScale) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const auto refusal = [](float value, float weight, SimdLevel level) {
    std::vector<float> values(9000, 0.5f), weights(9000, 0.5f);
    values[8009] = value;
    weights[8009] = weight;
    Moments moments;
    try {
      moments.add(values, weights, level, 100);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      return std::string(error.what());
    }
    return std::string();
  };
  for (const SimdLevel level : levels) {
    if (!supports(level)) continue;
    for (const float bad : {1.5f, -1.5f, nan, -nan, inf, -inf})
      EXPECT_THAT(refusal(bad, 0.5f, level), testing::StartsWith("row 8109 holds the value"));
    for (const float bad : {1.5f, -0.5f, nan, -nan, inf, -inf})
      EXPECT_THAT(refusal(0.5f, bad, level), testing::StartsWith("row 8109 holds the weight"));
  }
  EXPECT_THROW(moment_scale_of(std::vector<float>{nan}), Error);
  EXPECT_THROW(moment_scale_of(std::vector<float>{1.0f}, std::vector<float>{-1.0f}), Error);
  Moments one, other({1, 0});
  EXPECT_THROW(one.merge(other), Error);
}

}  // namespace
}  // namespace npo

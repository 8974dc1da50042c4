#include <gtest/gtest.h>

#include <bit>

#include "tests/kernels/score_fixture.hpp"

/// Guardrails and rows that cannot be scored (spec section 5).
namespace npo {
namespace {

using score_test::Case;
using score_test::levels;
using score_test::Outputs;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::uint64_t bit(int b) {
  return std::uint64_t{1} << b;
}

/// What section 5 says, row by row and rule by rule.
std::uint64_t expected_mask(const Case& c, std::size_t row, float score) {
  std::uint64_t mask = c.preset_mask.empty() ? 0 : c.preset_mask[row];
  const auto test = [&](const IntervalRule& rule, float x) {
    if ((rule.lo <= x && x <= rule.hi) != rule.negate) mask |= bit(rule.bit);
  };
  for (const IntervalRule& rule : c.feature_rules) test(rule, c.features[row * c.dim + rule.column]);
  for (const IntervalRule& rule : c.score_rules) test(rule, score);
  return mask;
}

TEST(ScoreGuardrails, MasksAreThoseOfEachRuleByItself) {
  for (std::size_t dim : {3u, 16u, 32u, 50u}) {
    Case c(300, dim);
    for (int b = 0; b < 60; ++b) {
      const float lo = score_test::uniform(static_cast<std::uint64_t>(b), 70);
      c.add_rule(score_test::word(static_cast<std::uint64_t>(b), 71) % static_cast<std::uint32_t>(dim), lo,
                 lo + 0.05f, b, false);
    }
    c.add_rule(1, -0.9f, 0.9f, 60, true);
    c.add_rule(score_column, 0.7f, 0.8f, 61);
    c.add_rule(score_column, 0.1f, 1.0f, 62, true);
    for (std::size_t row = 0; row < c.rows; ++row)
      c.preset_mask.push_back(row % 5 == 0 ? bit(static_cast<int>(row % 63)) : 0);
    for (SimdLevel level : levels()) {
      const Outputs out = c.score(level);
      for (std::size_t row = 0; row < c.rows; ++row) {
        EXPECT_EQ(out.mask[row], expected_mask(c, row, out.score[row])) << name_of(level) << ", row " << row;
        EXPECT_EQ(out.decision[row] == static_cast<std::uint8_t>(Decision::blocked), out.mask[row] != 0);
        if (out.mask[row] != 0) {
          EXPECT_EQ(out.p_surfaced[row], 0.0f);
        }
      }
    }
  }
}

TEST(ScoreGuardrails, RulesComeInAnyOrderAndMayShareABit) {
  for (std::size_t dim : {8u, 32u, 33u}) {
    Case c(200, dim);
    for (int k = 0; k < 40; ++k) {
      const float lo = score_test::uniform(static_cast<std::uint64_t>(k), 72);
      c.add_rule(static_cast<std::uint32_t>(k) % static_cast<std::uint32_t>(dim), lo, lo + 0.03f,
                 (37 * k + 5) % 31, k % 19 == 7);
    }
    for (SimdLevel level : levels()) {
      const Outputs out = c.score(level);
      for (std::size_t row = 0; row < c.rows; ++row)
        ASSERT_EQ(out.mask[row], expected_mask(c, row, out.score[row])) << name_of(level) << ", row " << row;
    }
  }
}

TEST(ScoreGuardrails, AnyNumberOfRulesIsTested) {
  for (std::size_t dim : {20u, 32u, 40u}) {
    for (int rules = 0; rules <= 34; ++rules) {  // groups of sixteen, halves of eight
      Case c(40, dim);
      for (int k = 0; k < rules; ++k) {
        const auto column = static_cast<std::uint32_t>(7 * k + 3) % static_cast<std::uint32_t>(dim);
        c.add_rule(column, 0.0f, 1.0f, k, k % 3 == 1);
      }
      for (SimdLevel level : levels()) {
        const Outputs out = c.score(level);
        for (std::size_t row = 0; row < c.rows; ++row)
          ASSERT_EQ(out.mask[row], expected_mask(c, row, out.score[row])) << name_of(level) << ", " << rules;
      }
    }
  }
}

TEST(ScoreGuardrails, BothEndsAreInclusive) {
  Case c(6, 1);
  const float above = std::nextafter(0.5f, 1.0f), below = std::nextafter(0.25f, 0.0f);
  c.features = {0.25f, 0.5f, below, above, 0.3f, -0.0f};
  c.add_rule(0, 0.25f, 0.5f, 3);
  c.add_rule(0, 0.25f, 0.5f, 4, true);
  c.add_rule(0, 0.0f, 0.0f, 40);
  for (SimdLevel level : levels()) {
    const Outputs out = c.score(level);
    const std::vector<std::uint64_t> expected{bit(3), bit(3), bit(4), bit(4), bit(3), bit(4) | bit(40)};
    EXPECT_EQ(out.mask, expected) << name_of(level);
  }
}

TEST(ScoreGuardrails, FeatureRulesSeeRawFeaturesAndScoreRulesTheCarriedScore) {
  Case c(1, 1);
  c.weights = {1.0f};
  c.bias = 0.0f;
  c.transforms = {Transform::log1p};
  c.features = {100.0f};
  c.carried = {-10.0f};
  c.add_rule(0, 99.0f, 101.0f, 0);
  c.add_rule(score_column, 0.0f, 0.1f, 1);
  for (SimdLevel level : levels()) EXPECT_EQ(c.score(level).mask[0], bit(0) | bit(1));
}

TEST(ScoreGuardrails, OnePresetBitBlocks) {
  for (int b : {0, 31, 32, 62}) {
    Case c(20, 4);
    c.preset_mask.assign(20, 0);
    c.preset_mask[13] = bit(b);
    for (SimdLevel level : levels()) {
      const Outputs out = c.score(level);
      EXPECT_EQ(out.mask, c.preset_mask);
      for (std::size_t row = 0; row < 20; ++row) EXPECT_EQ(out.decision[row] == 2, row == 13);
    }
  }
}

/// A bad value in any place of a row, under weights that include 0, is found, and only there.
TEST(ScoreGuardrails, NonFiniteFeaturesAreReportedOrBlocked) {
  for (std::size_t dim : {1u, 5u, 16u, 21u, 32u, 40u}) {
    for (float value : {nan, infinity, -infinity}) {
      for (std::size_t column = 0; column < dim; ++column) {
        Case c(37, dim);
        c.weights[column] = column % 2 == 0 ? 0.0f : c.weights[column];
        const std::size_t row = (7 * column + 3) % c.rows;
        c.feature(row, column) = value;
        for (SimdLevel level : levels()) {
          c.block = false;
          c.score(level);
          EXPECT_EQ(c.first_bad, row) << name_of(level) << ", column " << column << " of " << dim;
          c.block = true;
          const Outputs out = c.score(level);
          EXPECT_EQ(c.first_bad, c.rows);
          for (std::size_t r = 0; r < c.rows; ++r) {
            EXPECT_EQ(out.mask[r], r == row ? bit(nan_bit) : 0);
            EXPECT_EQ(std::isnan(out.score[r]), r == row);
          }
          EXPECT_EQ(std::bit_cast<std::uint32_t>(out.score[row]), nan_score_bits);
          EXPECT_EQ(std::bit_cast<std::uint32_t>(out.base_score[row]), nan_score_bits);
          EXPECT_EQ(out.decision[row], static_cast<std::uint8_t>(Decision::blocked));
          EXPECT_EQ(out.p_surfaced[row], 0.0f);
        }
      }
    }
  }
}

TEST(ScoreGuardrails, ValuesOutsideATransformsDomainAreNotFinite) {
  struct Trial {
    Transform transform;
    float value;
    bool bad;
  };
  const std::vector<Trial> trials{
      {Transform::log1p, -1.0f, true},       {Transform::log1p, -1.5f, true},
      {Transform::log1p, -infinity, true},   {Transform::log1p, infinity, true},
      {Transform::log1p, nan, true},         {Transform::log1p, -0.999f, false},
      {Transform::log1p, 3e38f, false},      {Transform::sqrt, -1e-30f, true},
      {Transform::sqrt, -infinity, true},    {Transform::sqrt, infinity, true},
      {Transform::sqrt, nan, true},          {Transform::sqrt, -0.0f, false},
      {Transform::sqrt, 0.0f, false},        {Transform::positive, nan, true},
      {Transform::positive, infinity, true}, {Transform::positive, -infinity, true},
      {Transform::positive, 0.0f, false},    {Transform::positive, -3.0f, false}};
  for (const Trial& trial : trials) {
    for (float weight : {0.0f, 0.5f}) {
      Case c(18, 3);
      c.transforms = {Transform::none, trial.transform, Transform::none};
      c.weights[1] = weight;
      for (std::size_t row = 0; row < c.rows; ++row) c.feature(row, 1) = 0.5f;
      c.feature(17, 1) = trial.value;
      for (SimdLevel level : levels()) {
        c.score(level);
        EXPECT_EQ(c.first_bad, trial.bad ? 17u : 18u)
            << static_cast<int>(trial.transform) << " of " << trial.value << ", " << name_of(level);
      }
    }
  }
}

TEST(ScoreGuardrails, AnOverflowingScoreIsBadAndAStrongOneIsNot) {
  Case c(2, 2);
  c.weights = {1.0f, 1.0f};
  c.features = {3e38f, 3e38f, 3e38f, 0.0f};
  for (SimdLevel level : levels()) {
    const Outputs out = c.score(level);
    EXPECT_EQ(c.first_bad, 0u);
    EXPECT_EQ(out.base_score[1], 1.0f);
  }
}

TEST(ScoreGuardrails, ACarriedValueThatIsNotFiniteMakesTheRowBad) {
  for (float value : {nan, infinity, -infinity}) {
    Case c(40, 4);
    c.carried[33] = value;
    for (SimdLevel level : levels()) {
      c.carry = Carry::offset;
      c.score(level);
      EXPECT_EQ(c.first_bad, 33u);
      c.carry = Carry::keep;
      c.score(level);
      EXPECT_EQ(c.first_bad, 33u);
      c.carry = Carry::reset;
      c.score(level);
      EXPECT_EQ(c.first_bad, 40u);
    }
  }
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include "tests/kernels/score_fixture.hpp"

/// Known answers of scoring: an independent computation in double, and the laws of spec sections 2 and 4.
namespace npo {
namespace {

using score_test::Case;
using score_test::levels;
using score_test::Outputs;

double sigmoid(double z) {
  return 1.0 / (1.0 + std::exp(-z));
}
double logit(double p) {
  p = std::clamp(p, 1e-6, 1.0 - 1e-6);
  return std::log(p / (1.0 - p));
}
double transformed(double x, Transform transform) {
  switch (transform) {
    case Transform::none:
      return x;
    case Transform::log1p:
      return std::log1p(x);
    case Transform::sqrt:
      return std::sqrt(x);
    case Transform::positive:
      return x > 0.0 ? 1.0 : 0.0;
  }
  return 0.0;
}

/// z and a bound on the rounding of its float computation: every partial sum passes through at most dim/16 +
/// 5 roundings of values no larger than the sum of |w x|, and each transform is good to 2 ulp.
struct Reference {
  double z, tolerance;
};
Reference reference_of(const Case& c, std::size_t row) {
  double z = c.bias, magnitude = std::abs(c.bias);
  for (std::size_t i = 0; i < c.dim; ++i) {
    const Transform t = c.transforms.empty() ? Transform::none : c.transforms[i];
    const double term = c.weights[i] * transformed(c.features[row * c.dim + i], t);
    z += term;
    magnitude += std::abs(term);
  }
  const double roundings = static_cast<double>(c.dim) / 16.0 + 5.0 + 4.0;
  return {z, magnitude * roundings * 0x1p-24};
}

TEST(ScoreAnswers, AgreeWithDoubleWithinRounding) {
  for (std::size_t dim : {1u, 16u, 20u, 32u, 100u, 4096u}) {
    for (bool with_transforms : {false, true}) {
      Case c(200, dim);
      if (with_transforms) {
        for (std::size_t i = 0; i < dim; ++i) c.transforms.push_back(static_cast<Transform>(i % 4));
        for (std::size_t i = 0; i < c.features.size(); ++i) {
          if (c.transforms[i % dim] == Transform::sqrt) c.features[i] = std::abs(c.features[i]);
          if (c.transforms[i % dim] == Transform::log1p) c.features[i] *= 0.9f;
        }
      }
      for (SimdLevel level : levels()) {
        const Outputs out = c.score(level);
        for (std::size_t row = 0; row < c.rows; ++row) {
          const Reference reference = reference_of(c, row);
          const double base = sigmoid(reference.z);
          // sigmoid has slope <= 1/4 and an error of 2 ulp (1.2e-7 near 1).
          const double tolerance = 0.25 * reference.tolerance + 2.4e-7;
          EXPECT_NEAR(out.base_score[row], base, tolerance);
          const double c_s = c.carried[row];
          const double score =
              c.carried[row] == no_correction ? base : sigmoid(logit(out.base_score[row]) + c_s);
          // logit of the float base is good to 2.5 ulp of at most 16, hence 2.4e-6 times a slope of 1/4.
          EXPECT_NEAR(out.score[row], score, c.carried[row] == no_correction ? tolerance : 1e-6);
        }
      }
    }
  }
}

TEST(ScoreAnswers, UnknownRowsTakeTheModelsScoreExactly) {
  Case c(64, 8);
  std::fill(c.carried.begin(), c.carried.end(), no_correction);
  c.carried[5] = 0.5f;
  const Outputs out = c.score(SimdLevel::scalar);
  for (std::size_t row = 0; row < c.rows; ++row) {
    if (row == 5) continue;
    EXPECT_EQ(out.score[row], out.base_score[row]);
  }
  EXPECT_GT(out.score[5], out.base_score[5]);
}

/// `offset`: with unchanged features the correction c = logit R - logit m gives R back. c and the sum are
/// rounded floats of magnitude up to 27.6 (half an ulp: 9.5e-7) and each logit is good to 2.5 ulp of at
/// most 13.8 (2.4e-6), which the slope R (1 - R) turns into the error of R; sigmoid adds 2 ulp.
TEST(ScoreAnswers, OffsetGivesTheLearnedScoreBack) {
  Case c(400, 6);
  std::fill(c.carried.begin(), c.carried.end(), no_correction);
  const Outputs modelled = c.score(SimdLevel::scalar);
  std::vector<float> learned;
  for (std::size_t row = 0; row < c.rows; ++row) {
    learned.push_back(0.5f + 0.4999f * score_test::uniform(row, 50));
    const auto correction = static_cast<float>(logit(learned[row]) - logit(modelled.base_score[row]));
    c.carried[row] = correction;
  }
  for (SimdLevel level : levels()) {
    const Outputs out = c.score(level);
    for (std::size_t row = 0; row < c.rows; ++row) {
      const double r = learned[row], slope = r * (1.0 - r);
      EXPECT_NEAR(out.score[row], r, slope * (2 * 9.5e-7 + 2.4e-6) + 2.0 * 0x1p-24) << "row " << row;
      EXPECT_EQ(out.base_score[row], modelled.base_score[row]);
    }
  }
}

TEST(ScoreAnswers, OffsetClampsSaturatedModels) {
  Case c(2, 1);
  c.weights = {1.0f};
  c.bias = 0.0f;
  c.features = {60.0f, -60.0f};
  c.carried = {-1.0f, 1.0f};
  const Outputs out = c.score(SimdLevel::scalar);
  EXPECT_EQ(out.base_score[0], 1.0f);
  // logit(1 - 1e-6) - 1; the float nearest 1 - 1e-6 is 0.99999899, which moves the odds by a few per cent.
  EXPECT_NEAR(1.0 - out.score[0], 1e-6 * std::exp(1.0), 1.5e-7);
  EXPECT_NEAR(out.score[1], 1e-6 * std::exp(1.0), 1e-11);
}

TEST(ScoreAnswers, KeepIgnoresFeaturesAndResetIgnoresHistory) {
  Case c(50, 4);
  for (std::size_t row = 0; row < c.rows; ++row) c.carried[row] = row % 2 == 0 ? 0.625f : no_correction;
  c.carry = Carry::keep;
  const Outputs kept = c.score(SimdLevel::scalar);
  c.carry = Carry::reset;
  const Outputs reset = c.score(SimdLevel::scalar);
  for (std::size_t row = 0; row < c.rows; ++row) {
    EXPECT_EQ(kept.score[row], row % 2 == 0 ? 0.625f : kept.base_score[row]);
    EXPECT_EQ(reset.score[row], reset.base_score[row]);
    EXPECT_EQ(kept.base_score[row], reset.base_score[row]);
  }
}

TEST(ScoreAnswers, DecisionArmAndPropensityFollowTheThresholds) {
  Case c(1000, 3);
  c.weights = {6.0f, 6.0f, 6.0f};
  c.features[0] = c.features[1] = c.features[2] = 0.0f;
  c.bias = 0.0f;
  c.carried.assign(c.rows, no_correction);
  c.add_rule(0, 0.9f, 1.0f, 0);
  std::size_t seen[3] = {};
  for (SimdLevel level : levels()) {
    for (bool by_row : {false, true}) {
      c.row_arm.clear();
      for (std::size_t row = 0; by_row && row < c.rows; ++row) {
        c.row_arm.push_back(static_cast<std::uint8_t>(score_test::word(row, 60) % 5));
      }
      const Outputs out = c.score(level);
      for (std::size_t row = 0; row < c.rows; ++row) {
        const std::uint8_t arm = by_row ? c.row_arm[row] : c.fleet_arm[c.fleet[row]];
        EXPECT_EQ(out.arm[row], arm);
        const bool blocked = c.feature(row, 0) >= 0.9f;
        const Decision expected = blocked                               ? Decision::blocked
                                  : out.score[row] >= c.thresholds[arm] ? Decision::surfaced
                                                                        : Decision::withheld;
        EXPECT_EQ(out.decision[row], static_cast<std::uint8_t>(expected));
        ++seen[out.decision[row]];
        // Direct summation: the arms whose threshold the score reaches. Multiples of 1/64 add up exactly.
        float p = 0.0f;
        for (std::size_t k = 0; k < 5; ++k) {
          if (c.thresholds[k] <= out.score[row]) p += c.arm_probability[c.fleet[row]][k];
        }
        EXPECT_EQ(out.p_surfaced[row], blocked ? 0.0f : p);
      }
      // z = 0: exactly on the lowest threshold, which counts as reached.
      EXPECT_EQ(out.score[0], 0.5f);
      EXPECT_EQ(out.p_surfaced[0], c.arm_probability[c.fleet[0]][0]);
    }
  }
  for (std::size_t count : seen) EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace npo

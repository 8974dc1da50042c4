#include "host/logistic_line.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace npo {
namespace {

std::vector<LinePoint> draw_points(std::size_t points, double rows_each, std::mt19937& random) {
  std::vector<LinePoint> drawn;
  for (std::size_t i = 0; i < points; ++i) {
    const double x = -3.0 + 6.0 * static_cast<double>(i) / static_cast<double>(points - 1);
    std::binomial_distribution<int> positive(static_cast<int>(rows_each),
                                             1.0 / (1.0 + std::exp(-0.3 - 0.8 * x)));
    drawn.push_back({x, static_cast<double>(positive(random)), rows_each});
  }
  return drawn;
}

std::optional<LogisticLine> step_to(const LineStep& step, std::span<const LinePoint> points) {
  constexpr std::size_t lane = 5;  // any; the others stay empty
  LineStep::Sums sums;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::array<double, LineStep::lanes> positive{}, negative{};
    positive[lane] = points[i].positive;
    negative[lane] = points[i].weight - points[i].positive;
    step.add(i, true, positive.data(), sums);
    step.add(i, false, negative.data(), sums);
  }
  EXPECT_FALSE(step(sums, lane - 1));
  return step(sums, lane);
}

TEST(LogisticLine, FindsTheLineThatDrewThePoints) {
  std::mt19937 random(61);
  const auto line = fit_logistic_line(draw_points(200, 1000, random), {1.0, 0.0});
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->slope, 0.8, 0.03) << "five standard errors of 200,000 rows";
  EXPECT_NEAR(line->intercept, 0.3, 0.03);
}

/// One step from the sample's line lies much nearer to the replicate's own fit than replicates spread.
TEST(LogisticLine, AStepIsNearlyTheFitOfAReplicate) {
  std::mt19937 random(62);
  std::poisson_distribution<int> count(1.0);
  const auto sample = draw_points(400, 1, random);
  const auto fitted = fit_logistic_line(sample, {1.0, 0.0});
  std::vector<double> x;
  for (const LinePoint& point : sample) x.push_back(point.x);
  const LineStep from_sample(x, *fitted);
  double gap = 0.0, spread = 0.0;
  for (int b = 0; b < 500; ++b) {
    auto replicate = sample;
    for (LinePoint& point : replicate) {
      const int k = count(random);
      point.positive *= k;
      point.weight *= k;
    }
    const auto step = step_to(from_sample, replicate), fit = fit_logistic_line(replicate, *fitted);
    gap += std::pow(step->slope - fit->slope, 2);
    spread += std::pow(fit->slope - fitted->slope, 2);
  }
  EXPECT_LT(std::sqrt(gap / spread), 0.15);
}

TEST(LogisticLine, NothingWithoutBothClassesOrASecondPoint) {
  const std::vector<LinePoint> no_positive{{0.0, 0.0, 2.0}, {1.0, 0.0, 2.0}}, one_place{{1.0, 1.0, 2.0}};
  const std::vector<double> two{0.0, 1.0}, one{1.0};
  EXPECT_FALSE(fit_logistic_line(no_positive, {1.0, 0.0}));
  EXPECT_FALSE(fit_logistic_line(one_place, {1.0, 0.0}));
  EXPECT_FALSE(step_to(LineStep(two, {1.0, 0.0}), no_positive));
  EXPECT_FALSE(step_to(LineStep(one, {1.0, 0.0}), one_place));
}

}  // namespace
}  // namespace npo

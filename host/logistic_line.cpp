#include "host/logistic_line.hpp"

#include <cmath>

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

constexpr int most_steps = 50;
constexpr double steepest = 1e4;

/// Gradient and information at a line.
struct Slope {
  double g0 = 0.0, g1 = 0.0, h00 = 0.0, h01 = 0.0, h11 = 0.0;
  double determinant() const { return h00 * h11 - h01 * h01; }
  double size() const { return std::fabs(g0) + std::fabs(g1); }
};

void add_point(const LinePoint& point, double p, Slope& s) {
  const double error = point.positive - point.weight * p, curvature = point.weight * p * (1.0 - p);
  s.g0 += error;
  s.g1 += error * point.x;
  s.h00 += curvature;
  s.h01 += curvature * point.x;
  s.h11 += curvature * point.x * point.x;
}

Slope slope_at(std::span<const LinePoint> points, LogisticLine line) {
  Slope s;
  for (const LinePoint& point : points)
    add_point(point, elementary64::sigmoid(line.intercept + line.slope * point.x), s);
  return s;
}

bool has_both_classes(std::span<const LinePoint> points) {
  double weight = 0.0, positive = 0.0;
  for (const LinePoint& point : points) weight += point.weight, positive += point.positive;
  return positive > 0.0 && positive < weight;
}

/// Whether the points lie at more than one x.
bool is_regular(const Slope& s) {
  return s.determinant() > 1e-12 * s.h00 * s.h11;
}

/// Newton's step: what to add to the line.
LogisticLine newton_step(const Slope& s) {
  const double determinant = s.determinant();
  return {(s.h00 * s.g1 - s.h01 * s.g0) / determinant, (s.h11 * s.g0 - s.h01 * s.g1) / determinant};
}

}  // namespace

std::optional<LogisticLine> fit_logistic_line(std::span<const LinePoint> points, LogisticLine line) {
  if (!has_both_classes(points)) return std::nullopt;
  Slope here = slope_at(points, line);
  for (int step = 0; step < most_steps; ++step) {
    if (!is_regular(here)) return std::nullopt;
    const auto [d1, d0] = newton_step(here);
    // The gradient of a concave function shrinks along a short enough step uphill.
    double length = 1.0;
    LogisticLine next = line;
    Slope there = here;
    for (int halving = 0; halving < 30; ++halving, length *= 0.5) {
      next = {line.slope + length * d1, line.intercept + length * d0};
      there = slope_at(points, next);
      if (there.size() < here.size() || std::fabs(length * d0) + std::fabs(length * d1) < 1e-12) break;
    }
    if (std::fabs(next.slope) > steepest) return std::nullopt;
    line = next, here = there;
    if (std::fabs(d0) + std::fabs(d1) < 1e-9 * (1.0 + std::fabs(line.slope) + std::fabs(line.intercept)))
      return line;
  }
  return std::nullopt;
}

LineStep::LineStep(std::span<const double> x, LogisticLine line) : line_(line) {
  for (const double at : x) probability_.push_back(elementary64::sigmoid(line.intercept + line.slope * at));
}

std::optional<LogisticLine> LineStep::operator()(std::span<const LinePoint> points) const {
  if (!has_both_classes(points)) return std::nullopt;
  Slope here;
  for (std::size_t i = 0; i < points.size(); ++i) add_point(points[i], probability_[i], here);
  if (!is_regular(here)) return std::nullopt;
  const auto [d1, d0] = newton_step(here);
  return LogisticLine{line_.slope + d1, line_.intercept + d0};
}

}  // namespace npo

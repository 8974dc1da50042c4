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

Slope slope_at(std::span<const LinePoint> points, LogisticLine line) {
  Slope s;
  for (const LinePoint& point : points) {
    const double p = elementary64::sigmoid(line.intercept + line.slope * point.x);
    const double error = point.positive - point.weight * p, curvature = point.weight * p * (1.0 - p);
    s.g0 += error;
    s.g1 += error * point.x;
    s.h00 += curvature;
    s.h01 += curvature * point.x;
    s.h11 += curvature * point.x * point.x;
  }
  return s;
}

}  // namespace

std::optional<LogisticLine> fit_logistic_line(std::span<const LinePoint> points, LogisticLine line) {
  double weight = 0.0, positive = 0.0;
  for (const LinePoint& point : points) weight += point.weight, positive += point.positive;
  if (!(positive > 0.0 && positive < weight)) return std::nullopt;
  Slope here = slope_at(points, line);
  for (int step = 0; step < most_steps; ++step) {
    const double determinant = here.determinant();
    if (!(determinant > 1e-12 * here.h00 * here.h11)) return std::nullopt;
    const double d0 = (here.h11 * here.g0 - here.h01 * here.g1) / determinant;
    const double d1 = (here.h00 * here.g1 - here.h01 * here.g0) / determinant;
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

}  // namespace npo

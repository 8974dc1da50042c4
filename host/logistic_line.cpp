#include "host/logistic_line.hpp"

#include <cmath>

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

constexpr int most_steps = 50;
constexpr double steepest = 1e4;

using Sums = LineStep::Sums;

/// `positive` of `weight` at x, where the line says p.
void add_observations(double x, double p, double positive, double weight, Sums& s) {
  const double error = positive - weight * p, curvature = weight * p * (1.0 - p);
  s.g0 += error;
  s.g1 += error * x;
  s.h00 += curvature;
  s.h01 += curvature * x;
  s.h11 += curvature * x * x;
  s.positive += positive;
  s.weight += weight;
}

Sums sums_at(std::span<const LinePoint> points, LogisticLine line) {
  Sums s;
  for (const LinePoint& point : points)
    add_observations(point.x, elementary64::sigmoid(line.intercept + line.slope * point.x), point.positive,
                     point.weight, s);
  return s;
}

double gradient_size(const Sums& s) {
  return std::fabs(s.g0) + std::fabs(s.g1);
}

bool has_both_classes(const Sums& s) {
  return s.positive > 0.0 && s.positive < s.weight;
}

/// Whether the points lie at more than one x.
bool is_regular(const Sums& s) {
  return s.h00 * s.h11 - s.h01 * s.h01 > 1e-12 * s.h00 * s.h11;
}

/// Newton's step: what to add to the line.
LogisticLine newton_step(const Sums& s) {
  const double determinant = s.h00 * s.h11 - s.h01 * s.h01;
  return {(s.h00 * s.g1 - s.h01 * s.g0) / determinant, (s.h11 * s.g0 - s.h01 * s.g1) / determinant};
}

}  // namespace

std::optional<LogisticLine> fit_logistic_line(std::span<const LinePoint> points, LogisticLine line) {
  Sums here = sums_at(points, line);
  if (!has_both_classes(here)) return std::nullopt;
  for (int step = 0; step < most_steps; ++step) {
    if (!is_regular(here)) return std::nullopt;
    const auto [d1, d0] = newton_step(here);
    // The gradient of a concave function shrinks along a short enough step uphill.
    double length = 1.0;
    LogisticLine next = line;
    Sums there = here;
    for (int halving = 0; halving < 30; ++halving, length *= 0.5) {
      next = {line.slope + length * d1, line.intercept + length * d0};
      there = sums_at(points, next);
      if (gradient_size(there) < gradient_size(here) ||
          std::fabs(length * d0) + std::fabs(length * d1) < 1e-12)
        break;
    }
    if (std::fabs(next.slope) > steepest) return std::nullopt;
    line = next, here = there;
    if (std::fabs(d0) + std::fabs(d1) < 1e-9 * (1.0 + std::fabs(line.slope) + std::fabs(line.intercept)))
      return line;
  }
  return std::nullopt;
}

LineStep::LineStep(std::span<const double> x, LogisticLine line) : line_(line), x_(x.begin(), x.end()) {
  for (const double at : x) probability_.push_back(elementary64::sigmoid(line.intercept + line.slope * at));
}

void LineStep::add(std::size_t i, double positive, double weight, Sums& sums) const {
  add_observations(x_[i], probability_[i], positive, weight, sums);
}

std::optional<LogisticLine> LineStep::operator()(const Sums& sums) const {
  if (!has_both_classes(sums) || !is_regular(sums)) return std::nullopt;
  const auto [d1, d0] = newton_step(sums);
  return LogisticLine{line_.slope + d1, line_.intercept + d0};
}

}  // namespace npo

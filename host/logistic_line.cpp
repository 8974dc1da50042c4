#include "host/logistic_line.hpp"

#include <cmath>

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

constexpr int most_steps = 50;
constexpr double steepest = 1e4;

/// Gradient and information of a likelihood.
struct LineSums {
  double g0 = 0.0, g1 = 0.0, h00 = 0.0, h01 = 0.0, h11 = 0.0;
  double positive = 0.0, weight = 0.0;
};

/// `positive` of `weight` at x, where the line says p.
void add_observations(double x, double p, double positive, double weight, LineSums& s) {
  const double error = positive - weight * p, curvature = weight * p * (1.0 - p);
  s.g0 += error;
  s.g1 += error * x;
  s.h00 += curvature;
  s.h01 += curvature * x;
  s.h11 += curvature * x * x;
  s.positive += positive;
  s.weight += weight;
}

LineSums sums_at(std::span<const LinePoint> points, LogisticLine line) {
  LineSums s;
  for (const LinePoint& point : points)
    add_observations(point.x, elementary64::sigmoid(line.intercept + line.slope * point.x), point.positive,
                     point.weight, s);
  return s;
}

double gradient_size(const LineSums& s) {
  return std::fabs(s.g0) + std::fabs(s.g1);
}

bool has_both_classes(const LineSums& s) {
  return s.positive > 0.0 && s.positive < s.weight;
}

/// Whether the points lie at more than one x.
bool is_regular(const LineSums& s) {
  return s.h00 * s.h11 - s.h01 * s.h01 > 1e-12 * s.h00 * s.h11;
}

/// Newton's step: what to add to the line.
LogisticLine newton_step(const LineSums& s) {
  const double determinant = s.h00 * s.h11 - s.h01 * s.h01;
  return {(s.h00 * s.g1 - s.h01 * s.g0) / determinant, (s.h11 * s.g0 - s.h01 * s.g1) / determinant};
}

}  // namespace

std::optional<LogisticLine> fit_logistic_line(std::span<const LinePoint> points, LogisticLine line) {
  LineSums here = sums_at(points, line);
  if (!has_both_classes(here)) return std::nullopt;
  for (int step = 0; step < most_steps; ++step) {
    if (!is_regular(here)) return std::nullopt;
    const auto [d1, d0] = newton_step(here);
    // The gradient of a concave function shrinks along a short enough step uphill.
    double length = 1.0;
    LogisticLine next = line;
    LineSums there = here;
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

void LineStep::add(std::size_t i, bool happened, const double* weight, Sums& sums) const {
  const double x = x_[i], p = probability_[i];
  for (std::size_t l = 0; l < lanes; ++l) {
    LineSums s{sums.g0[l],  sums.g1[l],       sums.h00[l],   sums.h01[l],
               sums.h11[l], sums.positive[l], sums.weight[l]};
    add_observations(x, p, happened ? weight[l] : 0.0, weight[l], s);
    sums.g0[l] = s.g0, sums.g1[l] = s.g1;
    sums.h00[l] = s.h00, sums.h01[l] = s.h01, sums.h11[l] = s.h11;
    sums.positive[l] = s.positive, sums.weight[l] = s.weight;
  }
}

std::optional<LogisticLine> LineStep::operator()(const Sums& sums, std::size_t lane) const {
  const LineSums s{sums.g0[lane],  sums.g1[lane],       sums.h00[lane],   sums.h01[lane],
                   sums.h11[lane], sums.positive[lane], sums.weight[lane]};
  if (!has_both_classes(s) || !is_regular(s)) return std::nullopt;
  const auto [d1, d0] = newton_step(s);
  return LogisticLine{line_.slope + d1, line_.intercept + d0};
}

}  // namespace npo

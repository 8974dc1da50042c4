#pragma once
#include <optional>
#include <span>

namespace npo {

/// Grouped observations: `positive` of `weight` happened at x.
struct LinePoint {
  double x = 0.0, positive = 0.0, weight = 0.0;
};

struct LogisticLine {
  double slope, intercept;
};

/// Maximum likelihood fit of P = sigmoid(intercept + slope x) by Newton's method with step halving; a few
/// hundred points. Nothing when a class is empty, all x are equal, or the classes are separated.
std::optional<LogisticLine> fit_logistic_line(std::span<const LinePoint> points, LogisticLine start);

}  // namespace npo

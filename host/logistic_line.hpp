#pragma once
#include <optional>
#include <span>
#include <vector>

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

/// Newton's step from the line that fits a sample toward the one that fits a replicate of it, with all that
/// the step needs of the sample computed once. It misses the replicate's own fit by terms of order 1 / rows,
/// which is below what a bootstrap resolves (Moulton and Zeger 1991).
class LineStep {
 public:
  /// `x` of every point, and the sample's line.
  LineStep(std::span<const double> x, LogisticLine line);

  /// What the step needs of a replicate's points.
  struct Sums {
    double g0 = 0.0, g1 = 0.0, h00 = 0.0, h01 = 0.0, h11 = 0.0;  ///< gradient and information
    double positive = 0.0, weight = 0.0;
  };
  /// Adds observations of point `i`.
  void add(std::size_t i, double positive, double weight, Sums& sums) const;
  /// Nothing when a class is empty or all weight is at one x.
  std::optional<LogisticLine> operator()(const Sums& sums) const;

 private:
  LogisticLine line_;
  std::vector<double> x_, probability_;
};

}  // namespace npo

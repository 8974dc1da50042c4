#pragma once
#include <cstddef>
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

  /// Replicates that are summed side by side.
  static constexpr std::size_t lanes = 8;
  /// What the step needs of the points of that many replicates: gradient and information.
  struct Sums {
    double g0[lanes] = {}, g1[lanes] = {}, h00[lanes] = {}, h01[lanes] = {}, h11[lanes] = {};
    double positive[lanes] = {}, weight[lanes] = {};
  };
  /// Adds observations of point `i` that all happened or all did not: their weight in each of `lanes`
  /// replicates.
  void add(std::size_t i, bool happened, const double* weight, Sums& sums) const;
  /// The line of one replicate; nothing when a class is empty or all weight is at one x.
  std::optional<LogisticLine> operator()(const Sums& sums, std::size_t lane) const;

 private:
  LogisticLine line_;
  std::vector<double> x_, probability_;
};

}  // namespace npo

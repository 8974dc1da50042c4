#pragma once

/// The density of Beta(a, b), a, b >= 1, scaled to 1 at its mode and evaluated without cancellation for
/// shapes up to 1e9. A point is given by its distance from 0 and from 1, the smaller of them being exact.
namespace npo {

struct UnitPoint {
  double x, y;  ///< x + y = 1
};

class BetaDensity {
 public:
  BetaDensity(double a, double b);

  /// log(f(p) / f(mode)), at most 0.
  double log_ratio(UnitPoint p) const;
  /// The greatest log_ratio on [left, right].
  double greatest_log_ratio(UnitPoint left, UnitPoint right) const;

  UnitPoint mode() const { return mode_; }
  double deviation() const { return deviation_; }  ///< standard deviation
  double power_at_0() const { return a1_; }        ///< a - 1: the density is about x^(a-1) near 0
  double power_at_1() const { return b1_; }        ///< b - 1
  double curvature(UnitPoint p) const { return a1_ / (p.x * p.x) + b1_ / (p.y * p.y); }  ///< -(log f)''

 private:
  double a1_, b1_;
  UnitPoint mode_;
  double deviation_;
};

}  // namespace npo

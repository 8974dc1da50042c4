#include "kernels/beta_density.hpp"

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

/// log(value / mode) - delta / mode, where delta = value - mode.
double log_without_slope(double value, double mode, double delta) {
  const double t = delta / mode;
  return t > -0.29 && t < 0.41 ? elementary64::log1p_minus_x(t) : elementary64::log(value / mode) - t;
}

}  // namespace

BetaDensity::BetaDensity(double a, double b) : a1_(a - 1.0), b1_(b - 1.0), mode_{0.5, 0.5} {
  if (a1_ + b1_ > 0.0) mode_ = {a1_ / (a1_ + b1_), b1_ / (a1_ + b1_)};
  const double mean_x = a / (a + b), mean_y = b / (a + b);
  deviation_ = __builtin_sqrt(mean_x * mean_y / (a + b + 1.0));
}

double BetaDensity::log_ratio(UnitPoint p) const {
  if (a1_ == 0.0 && b1_ == 0.0) return 0.0;
  const bool lower = p.x <= p.y;
  if (a1_ == 0.0) return b1_ * (lower ? elementary64::log1p(-p.x) : elementary64::log(p.y));
  if (b1_ == 0.0) return a1_ * (lower ? elementary64::log(p.x) : elementary64::log1p(-p.y));
  // The slopes of both logarithms cancel at the mode; without them nothing large is left to cancel.
  const double delta = lower ? p.x - mode_.x : mode_.y - p.y;
  return a1_ * log_without_slope(p.x, mode_.x, delta) + b1_ * log_without_slope(p.y, mode_.y, -delta);
}

double BetaDensity::greatest_log_ratio(UnitPoint left, UnitPoint right) const {
  if (right.x < mode_.x || right.y > mode_.y) return log_ratio(right);
  if (left.x > mode_.x || left.y < mode_.y) return log_ratio(left);
  return 0.0;
}

}  // namespace npo

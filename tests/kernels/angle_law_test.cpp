#include <gtest/gtest.h>

#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/gauss_legendre.hpp"

/// What angles of 16 bits do to the law of a Beta, computed to 1e-12 and not sampled: the radius of a pair of
/// normals is integrated out, its angle takes the 65,536 values it can have
/// (docs/decisions/0014-angles-of-16-bits.md).
namespace npo {
namespace {

/// The law of theta = X / (X + Y) for the two gammas of Marsaglia and Tsang, X = d (1 + t)^3, in the polar
/// coordinates of their normals.
class PolarBeta {
 public:
  PolarBeta(double a, double b) : dx_(a - 1.0 / 3.0), dy_(b - 1.0 / 3.0), sx_(slope(dx_)), sy_(slope(dy_)) {}

  /// P(theta <= c) where the angle is uniform on `angles` equally spaced values.
  double below(double c, int angles) const {
    const double bound = std::cbrt(c * dy_ / ((1.0 - c) * dx_));  // theta <= c where 1 + t <= bound (1 + t')
    double inside = 0.0, all = 0.0;
    for (int i = 0; i < angles; ++i) {
      const double angle = 2.0 * std::numbers::pi * (i + 0.5) / angles;
      const double u = sx_ * std::cos(angle), v = sy_ * std::sin(angle);
      const double edge = std::min({farthest, u < 0.0 ? -1.0 / u : farthest, v < 0.0 ? -1.0 / v : farthest});
      const double rise = u - bound * v, crossing = (bound - 1.0) / rise;  // where 1 + u r = bound (1 + v r)
      const double cut = crossing > 0.0 ? std::min(crossing, edge) : edge;
      const double near = integral(u, v, 0.0, cut), far = integral(u, v, cut, edge);
      const bool near_is_below = bound > 1.0 || (bound == 1.0 && rise < 0.0);
      inside += near_is_below ? near : far;
      all += near + far;
    }
    return inside / all;
  }

 private:
  static constexpr double farthest = 9.0;  ///< of a radius: exp(-r^2 / 2) is 3e-18 there

  static double slope(double d) { return 1.0 / (3.0 * std::sqrt(d)); }

  /// Of density times acceptance over a stretch of the ray, in pieces of 1.5 or less.
  double integral(double u, double v, double from, double to) const {
    if (to <= from) return 0.0;
    const int pieces = static_cast<int>(std::ceil((to - from) / 1.5));
    const double half = 0.5 * (to - from) / pieces;
    double sum = 0.0;
    for (int p = 0; p < pieces; ++p) {
      const double middle = from + (2 * p + 1) * half;
      for (std::size_t j = 0; j < legendre_nodes; ++j)
        sum += legendre_rule.weight[j] * density(u, v, middle + half * legendre_rule.node[j]);
    }
    return sum * half;
  }
  double density(double u, double v, double r) const {
    return r * std::exp(-0.5 * r * r + log_acceptance(u * r, dx_) + log_acceptance(v * r, dy_));
  }
  /// -3 d (t - t^2/2 + t^3/3 - log(1 + t)).
  static double log_acceptance(double t, double d) {
    return 3.0 * d * (std::log1p(t) - t * (1.0 - t * (0.5 - t / 3.0)));
  }

  double dx_, dy_, sx_, sy_;
};

struct Shapes {
  double a, b;
};
constexpr Shapes shapes[] = {{1, 1}, {1, 2}, {50, 1}, {2.5, 30}, {1e4, 1e4}, {1e6, 1}};

/// The largest error of the distribution function at quantiles from 0.001 to 0.999.
double error(Shapes s, int angles) {
  const PolarBeta law(s.a, s.b);
  double worst = 0.0;
  for (const double p : {0.001, 0.1, 0.5, 0.77, 0.999}) {
    const double c = boost::math::ibeta_inv(s.a, s.b, p);
    worst = std::max(worst, std::fabs(law.below(c, angles) - boost::math::ibeta(s.a, s.b, c)));
  }
  return worst;
}

/// 1e-12: what the quadrature along the rays and 65,536 roundings leave. The error itself is smaller still.
TEST(AngleLaw, SixteenBitsLeaveTheDistributionFunctionAsItIs) {
  for (const Shapes s : shapes) EXPECT_LT(error(s, 65536), 1e-12) << s.a << ", " << s.b;
}

TEST(AngleLaw, FourBitsFewerWouldDoToo) {
  for (const Shapes s : shapes) EXPECT_LT(error(s, 4096), 1e-6) << s.a << ", " << s.b;
}

TEST(AngleLaw, FewAnglesAreSeen) {
  for (const Shapes s : shapes) EXPECT_GT(error(s, 8), 1e-3) << s.a << ", " << s.b;
}

}  // namespace
}  // namespace npo

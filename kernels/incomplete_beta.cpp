#include "kernels/incomplete_beta.hpp"

#include <cmath>
#include <limits>

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

/// Log of x^a (1 - x)^b / B(a, b).
double log_weight(double a, double b, double x) {
  const double log_beta = elementary64::lgamma(a) + elementary64::lgamma(b) - elementary64::lgamma(a + b);
  return a * elementary64::log(x) + b * elementary64::log1p(-x) - log_beta;
}

/// The continued fraction of I_x(a, b) without its weight (Press et al., Numerical Recipes, section 6.4).
double continued_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto away_from_zero = [](double value) { return std::fabs(value) < tiny ? tiny : value; };
  double c = 1.0, d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)), fraction = d;
  for (int m = 1; m < 1000000; ++m) {
    const double n = m;
    const double even = n * (b - n) * x / ((a + 2.0 * n - 1.0) * (a + 2.0 * n));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    fraction *= d * c;
    const double odd = -(a + n) * (a + b + n) * x / ((a + 2.0 * n) * (a + 2.0 * n + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::fabs(step - 1.0) <= std::numeric_limits<double>::epsilon()) break;
  }
  return fraction;
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double weight = elementary64::exp(log_weight(a, b, x));
  if (x < (a + 1.0) / (a + b + 2.0)) return weight * continued_fraction(a, b, x) / a;
  return 1.0 - weight * continued_fraction(b, a, 1.0 - x) / b;
}

double beta_quantile(double a, double b, double p) {
  if (p <= 0.0) return 0.0;
  if (p >= 1.0) return 1.0;
  double low = 0.0, high = 1.0, x = a / (a + b);
  for (int step = 0; step < 200; ++step) {
    const double excess = incomplete_beta(a, b, x) - p;
    (excess > 0.0 ? high : low) = x;
    const double density = elementary64::exp(log_weight(a, b, x)) / (x * (1.0 - x));
    double next = x - excess / density;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::fabs(next - x) <= std::numeric_limits<double>::epsilon() * x) return next;
    x = next;
  }
  return x;
}

}  // namespace npo

#include "kernels/elementary64.hpp"

#include <bit>
#include <cstdint>

namespace npo::elementary64 {
namespace {

double fma(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}

constexpr double infinity = __builtin_huge_val();
constexpr double nan = __builtin_nan("");
constexpr double ln2_high = 6.93147180369123816490e-01;  // 33 bits: times an exponent it is exact
constexpr double ln2_low = 1.90821492927058770002e-10;

/// log((1 + s) / (1 - s)) / s - 2 for |s| <= 0.1716, error 2^-58 (fdlibm e_log.c).
double log_series(double s) {
  const double z = s * s;
  double p = 1.479819860511658591e-01;
  p = fma(p, z, 1.531383769920937332e-01);
  p = fma(p, z, 1.818357216161805012e-01);
  p = fma(p, z, 2.222219843214978396e-01);
  p = fma(p, z, 2.857142874366239149e-01);
  p = fma(p, z, 3.999999999940941908e-01);
  p = fma(p, z, 6.666666666666735130e-01);
  return p * z;
}

Pair quick_sum(double a, double b) {  // |a| >= |b|
  const double s = a + b;
  return {s, b - (s - a)};
}

double power_of_two(int n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

/// e^(x + low) for |low| small against 1, x a number.
double exp_sum(double x, double low) {
  if (x > 710.0) return infinity;
  if (x < -746.0) return 0.0;
  const double magic = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to the nearest integer
  const double k = fma(x, 1.44269504088896338700e+00, magic) - magic;
  const double high = fma(k, -ln2_high, x), rest = fma(k, ln2_low, -low), r = high - rest;
  const double z = r * r;
  double p = 4.13813679705723846039e-08;  // fdlibm e_exp.c
  p = fma(p, z, -1.65339022054652515390e-06);
  p = fma(p, z, 6.61375632143793436117e-05);
  p = fma(p, z, -2.77777777770155933842e-03);
  p = fma(p, z, 1.66666666666666019037e-01);
  const double c = r - z * p;
  const double y = 1.0 - ((rest - (r * c) / (2.0 - c)) - high);
  const int n = static_cast<int>(k), half = n / 2;
  return (y * power_of_two(half)) * power_of_two(n - half);
}

}  // namespace

Pair log_pair(double x) {
  int shift = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    shift = -54;
  }
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x), excess = bits - 0x3fe6a09e667f3bcdu;
  const double k = static_cast<double>(static_cast<int>(static_cast<std::int64_t>(excess) >> 52) + shift);
  const double f = std::bit_cast<double>(bits - (excess & 0xfff0000000000000u)) - 1.0;
  const double d = 2.0 + f, d_lost = f - (d - 2.0);
  const double s = f / d, s_lost = (fma(-s, d, f) - s * d_lost) / d;
  const double rest = fma(s, log_series(s), 2.0 * s_lost);
  if (k == 0.0) return quick_sum(2.0 * s, rest);
  const Pair sum = quick_sum(k * ln2_high, 2.0 * s);
  return quick_sum(sum.high, sum.low + fma(k, ln2_low, rest));
}

double log(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -infinity : nan;
  return x == infinity ? infinity : log_pair(x).high;
}

double log1p(double x) {
  if (!(x > -1.0)) return x == -1.0 ? -infinity : nan;
  if (x == infinity) return infinity;
  const double u = 1.0 + x, lost = (x <= 1.0) ? x - (u - 1.0) : 1.0 - (u - x);
  const Pair y = log_pair(u);
  return y.high + (y.low + lost / u);
}

double log1p_minus_x(double x) {
  if (x < -0.29 || x > 0.41) return log1p(x) - x;
  const double s = x / (2.0 + x);
  return s * (log_series(s) - x);  // 2 s - x = -s x
}

double exp(double x) {
  return x == x ? exp_sum(x, 0.0) : nan;
}

double sigmoid(double z) {
  const double e = exp(z < 0.0 ? z : -z);
  return (z < 0.0 ? e : 1.0) / (1.0 + e);
}

double logit(double p) {
  const double small = p < 0.5 ? p : 1.0 - p;
  const double y = log1p(fma(-2.0, small, 1.0) / small);
  return p < 0.5 ? -y : y;
}

double pow(double x, double y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  const Pair log_x = log_pair(x);
  const double high = y * log_x.high, lost = fma(y, log_x.high, -high);
  return exp_sum(high, fma(y, log_x.low, lost));
}

double lgamma(double x) {
  // lgamma(x) = lgamma(x + n) - log(x (x + 1) ... (x + n - 1)); the product and both logarithms keep a low
  // part, because the difference is much smaller than they are.
  const double n = x < 12.0 ? static_cast<double>(12 - static_cast<int>(x)) : 0.0;
  Pair product{1.0, 0.0};
  for (double i = 0.0; i < n; i += 1.0) {
    const double factor = x + i, lost = x - (factor - i);
    const double high = product.high * factor;
    const double low = fma(product.high, factor, -high) + (product.low * factor + product.high * lost);
    product = {high, low};
  }
  const double y = x + n, lost = x - (y - n);
  const double r = 1.0 / y, z = r * r;
  double series = 1.0 / 156.0;  // Stirling; the next term is below 2^-58
  series = fma(series, z, -691.0 / 360360.0);
  series = fma(series, z, 1.0 / 1188.0);
  series = fma(series, z, -1.0 / 1680.0);
  series = fma(series, z, 1.0 / 1260.0);
  series = fma(series, z, -1.0 / 360.0);
  series = fma(series, z, 1.0 / 12.0);
  const double half_log_two_pi = 9.18938533204672741780e-01;
  const Pair log_y = log_pair(y), log_product = log_pair(product.high);
  const double main = (y - 0.5) * log_y.high, main_low = fma(y - 0.5, log_y.high, -main);
  const double small = fma(series, r, half_log_two_pi) + (main_low + (y - 0.5) * log_y.low) +
                       lost * log_y.high - (log_product.low + product.low / product.high);
  const double high = main - y, high_lost = (main - high) - y;
  return (high - log_product.high) + (small + high_lost);
}

}  // namespace npo::elementary64

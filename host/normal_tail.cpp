#include <array>
#include <cmath>

#include "host/statistics.hpp"
#include "kernels/elementary64.hpp"

/// W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631-637.
namespace npo {
namespace {

constexpr double root_half = 0.70710678118654752440, inverse_root_pi = 5.6418958354775628695e-1;

/// erf(y) for |y| <= 0.46875.
double erf_near_zero(double y) {
  constexpr std::array<double, 5> a{3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02,
                                    3.20937758913846947e03, 1.85777706184603153e-1};
  constexpr std::array<double, 4> b{2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03,
                                    2.84423683343917062e03};
  const double square = y * y;
  double above = a[4] * square, below = square;
  for (std::size_t i = 0; i < 3; ++i) {
    above = (above + a[i]) * square;
    below = (below + b[i]) * square;
  }
  return y * (above + a[3]) / (below + b[3]);
}

/// e^(y^2) erfc(y) for 0.46875 <= y <= 4.
double scaled_erfc_middle(double y) {
  constexpr std::array<double, 9> c{5.64188496988670089e-1, 8.88314979438837594e0,  6.61191906371416295e01,
                                    2.98635138197400131e02, 8.81952221241769090e02, 1.71204761263407058e03,
                                    2.05107837782607147e03, 1.23033935479799725e03, 2.15311535474403846e-8};
  constexpr std::array<double, 8> d{1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02,
                                    1.62138957456669019e03, 3.29079923573345963e03, 4.36261909014324716e03,
                                    3.43936767414372164e03, 1.23033935480374942e03};
  double above = c[8] * y, below = y;
  for (std::size_t i = 0; i < 7; ++i) {
    above = (above + c[i]) * y;
    below = (below + d[i]) * y;
  }
  return (above + c[7]) / (below + d[7]);
}

/// The same for y >= 4.
double scaled_erfc_far(double y) {
  constexpr std::array<double, 6> p{3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
                                    1.60837851487422766e-2, 6.58749161529837803e-4, 1.63153871373020978e-2};
  constexpr std::array<double, 5> q{2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1,
                                    6.05183413124413191e-2, 2.33520497626869185e-3};
  const double inverse = 1.0 / (y * y);
  double above = p[5] * inverse, below = inverse;
  for (std::size_t i = 0; i < 4; ++i) {
    above = (above + p[i]) * inverse;
    below = (below + q[i]) * inverse;
  }
  return (inverse_root_pi - inverse * (above + p[4]) / (below + q[4])) / y;
}

/// e^(-y^2) without the rounding of y^2: y is split at 1/16.
double exp_minus_square(double y) {
  const double coarse = std::trunc(16.0 * y) / 16.0, fine = (y - coarse) * (y + coarse);
  return elementary64::exp(-coarse * coarse) * elementary64::exp(-fine);
}

}  // namespace

double normal_tail(double x) {
  const double y = std::fabs(x) * root_half;
  if (y <= 0.46875) return 0.5 - 0.5 * erf_near_zero(x * root_half);
  const double tail = 0.5 * exp_minus_square(y) * (y <= 4.0 ? scaled_erfc_middle(y) : scaled_erfc_far(y));
  return x < 0.0 ? 1.0 - tail : tail;
}

}  // namespace npo

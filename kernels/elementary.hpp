#pragma once
#include "kernels/lane/scalar.hpp"

/// log, exp and their relatives in float, from + - * / sqrt and fma alone: the same bits for every lane type,
/// on a CPU and on a GPU. Errors are in units in the last place of the result, checked by a dense sweep.
/// Where a result is not a number it is the one NaN 0x7fc00000.
namespace npo::elementary {

inline constexpr float infinity = __builtin_huge_valf();

template <class L>
NPO_HD typename L::F the_nan() {
  return L::as_f(typename L::U(0x7fc00000u));
}

/// Natural logarithm of a positive normal number; 0.83 ulp.
template <class L>
NPO_HD typename L::F log_normal(typename L::F x) {
  using F = typename L::F;
  using U = typename L::U;
  const U bits = L::as_u(x), excess = bits - U(0x3f3504f3u);  // brings the mantissa to [sqrt(1/2), sqrt(2))
  const F k = L::to_float(L::shift_right_signed(excess, 23));
  const F f = L::as_f(bits - (excess & U(0xff800000u))) - F(1.0f);
  F p = L::fma(F(7.0376836292e-2f), f, F(-1.1514610310e-1f));  // Cephes logf
  p = L::fma(p, f, F(1.1676998740e-1f));
  p = L::fma(p, f, F(-1.2420140846e-1f));
  p = L::fma(p, f, F(1.4249322787e-1f));
  p = L::fma(p, f, F(-1.6668057665e-1f));
  p = L::fma(p, f, F(2.0000714765e-1f));
  p = L::fma(p, f, F(-2.4999993993e-1f));
  p = L::fma(p, f, F(3.3333331174e-1f));
  const F z = f * f;
  F y = p * f * z;
  y = L::fma(k, F(-2.12194440e-4f), y);
  y = L::fma(F(-0.5f), z, y);
  return L::fma(k, F(0.693359375f), f + y);
}

/// Natural logarithm over the whole range; 0.83 ulp. log(0) = -inf, log(inf) = inf, NaN below 0.
template <class L>
NPO_HD typename L::F log(typename L::F x) {
  using F = typename L::F;
  const auto tiny = x < F(0x1p-126f);
  const F y = log_normal<L>(L::select(tiny, x * F(0x1p23f), x));
  const F finite = L::select(tiny, y - F(0x1.fe2804p+3f), y);  // 23 ln 2
  const F positive = L::select(x < F(infinity), finite, F(infinity));
  return L::select(F(0.0f) < x, positive, L::select(x == F(0.0f), F(-infinity), the_nan<L>()));
}

/// e^x of a number or an infinity, subnormal results included; 1.02 ulp. 0 below -103.98, inf above 88.73.
template <class L>
NPO_HD typename L::F exp_number(typename L::F x) {
  using F = typename L::F;
  using U = typename L::U;
  const F magic(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const F c = L::min(L::max(x, F(-104.0f)), F(89.0f));
  const F t = L::fma(c, F(1.44269504088896341f), magic), k = t - magic;
  F r = L::fma(k, F(-0.693359375f), c);
  r = L::fma(k, F(2.12194440e-4f), r);
  F p = L::fma(F(1.9875691500e-4f), r, F(1.3981999507e-3f));  // Cephes expf
  p = L::fma(p, r, F(8.3334519073e-3f));
  p = L::fma(p, r, F(4.1665795894e-2f));
  p = L::fma(p, r, F(1.6666665459e-1f));
  p = L::fma(p, r, F(5.0000001201e-1f));
  const F e = L::fma(p, r * r, r) + F(1.0f);
  // 2^k in two factors, so that the result may be subnormal or infinite and is rounded once.
  const U n = L::as_u(t) - U(0x4b400000u), half = L::shift_right_signed(n, 1);
  const F first = L::as_f((half + U(127u)) << 23), second = L::as_f((n - half + U(127u)) << 23);
  return (e * first) * second;
}

/// The same, and NaN for NaN.
template <class L>
NPO_HD typename L::F exp(typename L::F x) {
  return L::select(L::is_nan(x), the_nan<L>(), exp_number<L>(x));
}

/// 1 / (1 + e^-z) of a number or an infinity; 2.5 ulp. Exactly 0 and 1 at -inf and +inf, 1/2 at 0.
template <class L>
NPO_HD typename L::F sigmoid_number(typename L::F z) {
  using F = typename L::F;
  const F e = exp_number<L>(L::negate(L::abs(z)));  // at most 1: never overflows
  return L::div(L::select(F(0.0f) <= z, F(1.0f), e), e + F(1.0f));
}

/// The same, and NaN for NaN.
template <class L>
NPO_HD typename L::F sigmoid(typename L::F z) {
  return L::select(L::is_nan(z), the_nan<L>(), sigmoid_number<L>(z));
}

/// log(1 + x) for x > -1; 1.5 ulp. -inf at -1, NaN below.
template <class L>
NPO_HD typename L::F log1p(typename L::F x) {
  using F = typename L::F;
  const F u = x + F(1.0f);
  // What the rounding of 1 + x lost, exactly.
  const F lost = L::select(L::abs(x) <= F(1.0f), x - (u - F(1.0f)), F(1.0f) - (u - x));
  const F v = L::max(u, F(0x1p-126f));
  const F y = log_normal<L>(v) + L::div(lost, v);
  const F positive = L::select(x < F(infinity), y, F(infinity));
  return L::select(F(-1.0f) < x, positive, L::select(x == F(-1.0f), F(-infinity), the_nan<L>()));
}

/// Where logit clamps its argument (spec section 2): 1e-6 and 1 - 1e-6.
inline constexpr float logit_low = 1e-6f, logit_high = 0.999999f;

/// log(p / (1 - p)) with p clamped to [1e-6, 1 - 1e-6]; 2.0 ulp. p must be a number.
template <class L>
NPO_HD typename L::F logit(typename L::F p) {
  using F = typename L::F;
  const F c = L::min(L::max(p, F(logit_low)), F(logit_high));
  const auto upper = F(0.5f) <= c;
  const F small = L::select(upper, F(1.0f) - c, c);                 // min(c, 1 - c), exact
  const F ratio = L::div(L::fma(F(-2.0f), small, F(1.0f)), small);  // larger / smaller - 1
  const F y = log1p<L>(ratio);
  return L::select(upper, y, L::negate(y));
}

/// sigmoid(logit(p) + c), p moved by c in log-odds, as a ratio of odds that needs no logarithm; 4 ulp. p is
/// clamped as by logit; p and c must be numbers.
template <class L>
NPO_HD typename L::F shift_log_odds(typename L::F p, typename L::F c) {
  using F = typename L::F;
  const F yes = L::min(L::max(p, F(logit_low)), F(logit_high)), no = F(1.0f) - yes;
  const F e = exp_number<L>(L::negate(L::abs(c)));  // at most 1: never overflows
  const auto up = F(0.0f) <= c;
  const F more = L::select(up, yes, yes * e), less = L::select(up, no * e, no);
  return L::div(more, more + less);
}

/// The standard normal quantile of p in (0, 1); 5 ulp for p >= 2^-126 (Wichura 1988, AS 241, PPND7).
template <class L>
NPO_HD typename L::F normal_quantile(typename L::F p) {
  using F = typename L::F;
  const F q = p - F(0.5f), small = L::select(p < F(0.5f), p, F(1.0f) - p);
  const F s = L::sqrt(L::negate(log_normal<L>(L::max(small, F(0x1p-126f)))));
  const auto central = L::abs(q) <= F(0.425f), far = F(5.0f) < s;
  const auto pick = [&](float middle, float tail, float extreme) {
    return L::select(central, F(middle), L::select(far, F(extreme), F(tail)));
  };
  const F r = L::select(central, L::fnma(q, q, F(0.180625f)), s - L::select(far, F(5.0f), F(1.6f)));
  F num = L::fma(pick(5.9109374720e1f, 1.7023821103e-1f, 1.7337203997e-2f), r,
                 pick(1.5929113202e2f, 1.3067284816e0f, 4.2868294337e-1f));
  num = L::fma(num, r, pick(5.0434271938e1f, 2.7568153900e0f, 3.0812263860e0f));
  num = L::fma(num, r, pick(3.3871327179e0f, 1.4234372777e0f, 6.6579051150e0f));
  F den =
      L::fma(pick(6.7187563600e1f, 0.0f, 0.0f), r, pick(7.8757757664e1f, 1.2021132975e-1f, 1.2258202635e-2f));
  den = L::fma(den, r, pick(1.7895169469e1f, 7.3700164250e-1f, 2.4197894225e-1f));
  den = L::fma(den, r, F(1.0f));
  const F v = L::div(num, den);
  return L::select(central, v * q, L::select(p < F(0.5f), L::negate(v), v));
}

}  // namespace npo::elementary

#pragma once
/// log, exp and their relatives in double, from + - * / sqrt and fma alone, so that they give the same bits
/// on every host. Scalar; for statistics, quadrature and models, not for per-row work. Errors are in units in
/// the last place.
namespace npo::elementary64 {

/// A number as an unevaluated sum; |low| is at most half an ulp of high.
struct Pair {
  double high, low;
};

/// Natural logarithm of a positive finite x to about 2^-58 of its value.
Pair log_pair(double x);

/// Natural logarithm; 0.55 ulp. log(0) = -inf, log(inf) = inf, NaN below 0.
double log(double x);

/// log(1 + x); 0.7 ulp. -inf at -1, NaN below.
double log1p(double x);

/// log(1 + x) - x for x > -1, without the cancellation near 0; 5 ulp.
double log1p_minus_x(double x);

/// e^x over the whole range, subnormal results included; 1.0 ulp.
double exp(double x);

/// 1 / (1 + e^-z) over the whole range; 2.5 ulp.
double sigmoid(double z);

/// log(p / (1 - p)) for p in (0, 1); 2.5 ulp, no clamp.
double logit(double p);

/// x^y for x > 0; 1.0 ulp where the result is normal.
double pow(double x, double y);

/// log of the gamma function for x >= 1; error at most 2^-51 max(1, result).
double lgamma(double x);

}  // namespace npo::elementary64

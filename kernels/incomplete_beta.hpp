#pragma once

/// The distribution function of Beta(a, b) and its inverse, from correctly rounded operations alone: the same
/// bits on every machine.
namespace npo {

/// I_x(a, b), the probability that Beta(a, b) is at most x, for a, b >= 1 and x in [0, 1]. Lentz's continued
/// fraction on the side of the mean where it converges fast; error at most 1e-14 + 2^-51 lgamma(a + b).
double incomplete_beta(double a, double b, double x);

/// x with I_x(a, b) = p, for p in [0, 1]: Newton's method inside a shrinking bracket.
double beta_quantile(double a, double b, double p);

}  // namespace npo

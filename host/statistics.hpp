#pragma once
#include <cstdint>

/// Statistics that results are reported with, in double from exactly rounded operations: the same bits on
/// every machine.
namespace npo {

/// x with Phi(x) = p, for p in (0, 1); relative error about 1e-15 (Wichura 1988, algorithm AS 241, PPND16).
/// -infinity at 0 and infinity at 1.
double normal_quantile(double p);

/// P(Z > x) of a standard normal Z; relative error about 1e-15 down to where it leaves the normal doubles (x
/// about 37; Cody 1969).
double normal_tail(double x);

struct Interval {
  double low = 0.0, high = 1.0;
};

/// Wilson's score interval for a rate of `successes` in `trials` (> 0) at a two-sided level in (0, 1); no
/// continuity correction (Wilson 1927). The ends are exactly 0 or 1 where no or all trials succeeded.
Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double level);

}  // namespace npo

#pragma once
#include <cmath>
#include <span>
#include <vector>

#include "tests/kernels/exact_arm_probability.hpp"

namespace npo::test {

/// P(exactly `above` of the other arms exceed arm 0) for integer shapes, as an exact finite sum in long
/// double with positive terms alone. weight[e][s] is the coefficient of x^s (1 - x)^(trials - s) in the
/// chance that e arms exceed x: an arm lies under x with P(Binomial(a + b - 1, x) >= a) and above it
/// otherwise.
inline long double exact_rank_probability(std::span<const int> a, std::span<const int> b, std::size_t above) {
  std::vector<std::vector<long double>> weight(above + 1, std::vector<long double>{0.0L});
  weight[0][0] = 1.0L;
  int trials = 0;
  for (std::size_t k = 1; k < a.size(); ++k) {
    const int n = a[k] + b[k] - 1;
    const std::size_t size = weight[0].size() + static_cast<std::size_t>(n);
    std::vector<std::vector<long double>> next(above + 1, std::vector<long double>(size, 0.0L));
    for (std::size_t e = 0; e <= above; ++e)
      for (std::size_t s = 0; s < weight[e].size(); ++s)
        for (int i = 0; i <= n; ++i) {
          const std::size_t exceeds = e + (i < a[k] ? 1u : 0u);
          if (exceeds <= above)
            next[exceeds][s + static_cast<std::size_t>(i)] += weight[e][s] * std::exp(log_choose(n, i));
        }
    weight = std::move(next);
    trials += n;
  }
  long double sum = 0.0L;
  for (std::size_t s = 0; s < weight[above].size(); ++s) {
    const long double wins = static_cast<long double>(s), losses = static_cast<long double>(trials) - wins;
    if (weight[above][s] > 0.0L)
      sum += weight[above][s] * std::exp(log_beta(a[0] + wins, b[0] + losses) - log_beta(a[0], b[0]));
  }
  return sum;
}

}  // namespace npo::test

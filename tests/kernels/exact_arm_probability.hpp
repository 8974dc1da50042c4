#pragma once
#include <cmath>
#include <span>
#include <vector>

/// P(theta_0 is the largest) for integer shapes as an exact finite sum in long double, all terms positive.
/// Independent of the quadrature: the distribution function of Beta(a, b) at x is P(Binomial(a + b - 1, x) >=
/// a), and a product of such sums integrates term by term against the density of arm 0.
namespace npo::test {

inline long double log_beta(long double a, long double b) {
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

inline long double log_choose(int n, int i) {
  return std::lgamma(n + 1.0L) - std::lgamma(i + 1.0L) - std::lgamma(n - i + 1.0L);
}

/// a[k], b[k]: shapes of arm k, the first being the one asked for.
inline long double exact_best_probability(std::span<const int> a, std::span<const int> b) {
  // weight[s]: log coefficient of x^s (1 - x)^(trials - s) in the product of the other arms' distribution
  // functions.
  std::vector<long double> weight{1.0L};
  int trials = 0;
  for (std::size_t k = 1; k < a.size(); ++k) {
    const int n = a[k] + b[k] - 1;
    std::vector<long double> product(weight.size() + static_cast<std::size_t>(n), 0.0L);
    for (std::size_t s = 0; s < weight.size(); ++s)
      for (int i = a[k]; i <= n; ++i)
        product[s + static_cast<std::size_t>(i)] += weight[s] * std::exp(log_choose(n, i));
    weight = std::move(product);
    trials += n;
  }
  long double sum = 0.0L;
  for (std::size_t s = 0; s < weight.size(); ++s) {
    const long double wins = static_cast<long double>(s), losses = static_cast<long double>(trials) - wins;
    if (weight[s] > 0.0L)
      sum += weight[s] * std::exp(log_beta(a[0] + wins, b[0] + losses) - log_beta(a[0], b[0]));
  }
  return sum;
}

}  // namespace npo::test

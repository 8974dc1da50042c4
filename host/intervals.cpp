#include "host/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/elementary64.hpp"
#include "kernels/incomplete_beta.hpp"

namespace npo {

Interval clopper_pearson_interval(std::uint64_t successes, std::uint64_t trials, double level) {
  const double hits = static_cast<double>(successes), misses = static_cast<double>(trials - successes);
  const double tail = 0.5 * (1.0 - level);
  // The upper end by symmetry, so that it too is the quantile of a small probability.
  return {.low = successes == 0 ? 0.0 : beta_quantile(hits, misses + 1.0, tail),
          .high = successes == trials ? 1.0 : 1.0 - beta_quantile(misses, hits + 1.0, tail)};
}

Interval empirical_bernstein_interval(const BoundedSample& sample, double level) {
  if (sample.count < 2) return {sample.low, sample.high};
  const double n = static_cast<double>(sample.count);
  const double log_term = elementary64::log(4.0 / (1.0 - level));
  const double half = std::sqrt(2.0 * sample.variance * log_term / n) +
                      7.0 * (sample.high - sample.low) * log_term / (3.0 * (n - 1.0));
  return {std::max(sample.low, sample.mean - half), std::min(sample.high, sample.mean + half)};
}

std::vector<bool> benjamini_hochberg(std::span<const double> p_values, double rate) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  const double m = static_cast<double>(order.size());
  std::size_t rejected = 0;
  for (std::size_t k = 1; k <= order.size(); ++k)
    if (p_values[order[k - 1]] <= rate * static_cast<double>(k) / m) rejected = k;
  std::vector<bool> reject(order.size(), false);
  for (std::size_t k = 0; k < rejected; ++k) reject[order[k]] = true;
  return reject;
}

}  // namespace npo

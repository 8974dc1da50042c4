#pragma once
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <span>
#include <vector>

/// Goodness-of-fit tests, each with the probability alpha = 1e-6 of a false alarm.
namespace npo::test {

inline constexpr double alpha = 1e-6;

/// A value of a distribution function with its complement, both to full precision.
struct Uniform {
  double below, above;
};

/// Kolmogorov and Smirnov: sqrt(n) D, and the bound it exceeds with probability 2 exp(-2 bound^2) = alpha.
/// `sorted` ascends.
inline double kolmogorov_smirnov(std::span<const Uniform> sorted) {
  const double n = static_cast<double>(sorted.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double rank = static_cast<double>(i);
    distance = std::max({distance, sorted[i].below - rank / n, (rank + 1.0) / n - sorted[i].below});
  }
  return std::sqrt(n) * distance;
}
inline const double kolmogorov_smirnov_bound = std::sqrt(-0.5 * std::log(alpha / 2.0));

/// Anderson and Darling's A^2, which weighs the tails. Far out it is half a chi-square of one degree of
/// freedom, up to the factor sqrt(3) from its other components: P(A^2 > z) = sqrt(3) erfc(sqrt z), alpha
/// at 12.5.
inline double anderson_darling(std::span<const Uniform> sorted) {
  const std::size_t n = sorted.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    sum += (2.0 * static_cast<double>(i) + 1.0) *
           (std::log(sorted[i].below) + std::log(sorted[n - 1 - i].above));
  return -static_cast<double>(n) - sum / static_cast<double>(n);
}
inline constexpr double anderson_darling_bound = 12.5;

/// Pearson's chi-square of counts against probabilities, and its bound. Cells with fewer than 10 expected are
/// merged.
struct ChiSquare {
  double statistic, bound;
};
inline ChiSquare chi_square(std::span<const std::size_t> counts, std::span<const double> probability) {
  double total = 0.0;
  for (const std::size_t count : counts) total += static_cast<double>(count);
  double statistic = 0.0, rest_seen = 0.0, rest_expected = 0.0;
  int cells = 0;
  const auto add = [&](double seen, double expected) {
    statistic += (seen - expected) * (seen - expected) / expected;
    ++cells;
  };
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double seen = static_cast<double>(counts[k]), expected = total * probability[k];
    if (expected >= 10.0) {
      add(seen, expected);
    } else {
      rest_seen += seen;
      rest_expected += expected;
    }
  }
  if (rest_expected >= 10.0) add(rest_seen, rest_expected);
  const boost::math::chi_squared law(std::max(1, cells - 1));
  return {statistic, boost::math::quantile(boost::math::complement(law, alpha))};
}

/// sqrt(n) times the correlation of two columns; beyond 4.9 with probability alpha when they are independent.
inline double correlation_score(std::span<const double> a, std::span<const double> b) {
  const double n = static_cast<double>(a.size());
  double mean_a = 0.0, mean_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  double aa = 0.0, bb = 0.0, ab = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return std::sqrt(n) * ab / std::sqrt(aa * bb);
}
inline constexpr double correlation_bound = 4.9;

}  // namespace npo::test

#include <algorithm>
#include <cmath>

#include "host/intervals.hpp"

namespace npo {
namespace {

/// The defined replicates in ascending order; nothing where there are too few.
std::optional<std::vector<double>> sorted_defined(std::span<const double> replicates) {
  std::vector<double> defined;
  defined.reserve(replicates.size());
  std::copy_if(replicates.begin(), replicates.end(), std::back_inserter(defined),
               [](double value) { return !std::isnan(value); });
  if (defined.size() < least_replicates ||
      static_cast<double>(defined.size()) < least_defined_share * static_cast<double>(replicates.size()))
    return std::nullopt;
  std::sort(defined.begin(), defined.end());
  return defined;
}

/// The value at position p (B + 1), counted from 1.
double quantile(const std::vector<double>& sorted, double p) {
  const double last = static_cast<double>(sorted.size() - 1);
  const double position = std::clamp(p * static_cast<double>(sorted.size() + 1) - 1.0, 0.0, last);
  const auto below = static_cast<std::size_t>(position);
  const double share = position - static_cast<double>(below);
  if (share == 0.0) return sorted[below];
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

}  // namespace

std::optional<Interval> percentile_interval(std::span<const double> replicates, double level) {
  const auto sorted = sorted_defined(replicates);
  if (!sorted) return std::nullopt;
  return Interval{quantile(*sorted, 0.5 * (1.0 - level)), quantile(*sorted, 0.5 * (1.0 + level))};
}

std::optional<Interval> bca_interval(std::span<const double> replicates, double estimate, double acceleration,
                                     double level) {
  const auto sorted = sorted_defined(replicates);
  if (!sorted) return std::nullopt;
  const auto [first, last] = std::equal_range(sorted->begin(), sorted->end(), estimate);
  // Replicates that equal the estimate count half on each side: discrete metrics repeat values.
  const double below = static_cast<double>(first - sorted->begin()) + 0.5 * static_cast<double>(last - first);
  const double share = below / static_cast<double>(sorted->size());
  if (share <= 0.0 || share >= 1.0) return std::nullopt;
  const double bias = normal_quantile(share);
  const auto corrected = [&](double p) {
    const double z = bias + normal_quantile(p);
    return 1.0 - normal_tail(bias + z / (1.0 - acceleration * z));
  };
  return Interval{quantile(*sorted, corrected(0.5 * (1.0 - level))),
                  quantile(*sorted, corrected(0.5 * (1.0 + level)))};
}

double acceleration_of(std::span<const double> influence) {
  double squares = 0.0, cubes = 0.0;
  for (const double u : influence) {
    squares += u * u;
    cubes += u * u * u;
  }
  return squares > 0.0 ? cubes / (6.0 * squares * std::sqrt(squares)) : 0.0;
}

std::optional<double> bootstrap_p_value(std::span<const double> differences) {
  const auto sorted = sorted_defined(differences);
  if (!sorted) return std::nullopt;
  const auto [first, last] = std::equal_range(sorted->begin(), sorted->end(), 0.0);
  const auto smaller = std::min(last - sorted->begin(), sorted->end() - first);
  return std::min(1.0, 2.0 * static_cast<double>(1 + smaller) / static_cast<double>(1 + sorted->size()));
}

}  // namespace npo

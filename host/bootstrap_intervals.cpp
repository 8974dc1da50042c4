#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "host/intervals.hpp"

namespace npo {
namespace {

/// The defined replicates; nothing where there are too few.
std::optional<std::vector<double>> defined_of(std::span<const double> replicates) {
  std::vector<double> defined;
  defined.reserve(replicates.size());
  std::copy_if(replicates.begin(), replicates.end(), std::back_inserter(defined),
               [](double value) { return !std::isnan(value); });
  if (defined.size() < least_replicates ||
      static_cast<double>(defined.size()) < least_defined_share * static_cast<double>(replicates.size()))
    return std::nullopt;
  return defined;
}

/// Fewer values than this are kept in order as they come, more are sorted by the library.
constexpr std::size_t few = 64;

/// The values that stand at `first` and after it when all are in order. Orders no more than that end of them.
template <class Before>
std::pair<double, double> neighbours(const std::vector<double>& values, std::size_t first, Before before) {
  std::vector<double> end(std::min(first + 2, values.size()));
  if (end.size() > few) {
    std::partial_sort_copy(values.begin(), values.end(), end.begin(), end.end(), before);
    return {end[first], end.back()};
  }
  const auto rest = values.begin() + static_cast<std::ptrdiff_t>(end.size());
  std::copy(values.begin(), rest, end.begin());
  std::sort(end.begin(), end.end(), before);
  for (auto value = rest; value != values.end(); ++value) {
    if (!before(*value, end.back())) continue;
    std::size_t place = end.size() - 1;
    for (; place > 0 && before(*value, end[place - 1]); --place) end[place] = end[place - 1];
    end[place] = *value;
  }
  return {end[first], end.back()};
}

/// The value at position p (B + 1) in ascending order, counted from 1.
double quantile(const std::vector<double>& values, double p) {
  const std::size_t count = values.size();
  const double last = static_cast<double>(count - 1);
  const double position = std::clamp(p * static_cast<double>(count + 1) - 1.0, 0.0, last);
  const auto below = static_cast<std::size_t>(position);
  const double share = position - static_cast<double>(below);
  double low = 0.0, high = 0.0;
  if (below < count / 2) {
    std::tie(low, high) = neighbours(values, below, std::less<>());
  } else if (below + 1 < count) {
    std::tie(high, low) = neighbours(values, count - 2 - below, std::greater<>());
  } else {
    low = high = *std::max_element(values.begin(), values.end());
  }
  return share == 0.0 ? low : low + share * (high - low);
}

std::size_t count_at_most(const std::vector<double>& values, double limit) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [&](double v) { return v <= limit; }));
}

std::size_t count_below(const std::vector<double>& values, double limit) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [&](double v) { return v < limit; }));
}

}  // namespace

std::optional<Interval> percentile_interval(std::span<const double> replicates, double level) {
  const auto defined = defined_of(replicates);
  if (!defined) return std::nullopt;
  return Interval{quantile(*defined, 0.5 * (1.0 - level)), quantile(*defined, 0.5 * (1.0 + level))};
}

std::optional<Interval> bca_interval(std::span<const double> replicates, double estimate, double acceleration,
                                     double level) {
  const auto defined = defined_of(replicates);
  if (!defined) return std::nullopt;
  const std::size_t less = count_below(*defined, estimate), equal = count_at_most(*defined, estimate) - less;
  // Replicates that equal the estimate count half on each side: discrete metrics repeat values.
  const double below = static_cast<double>(less) + 0.5 * static_cast<double>(equal);
  const double share = below / static_cast<double>(defined->size());
  if (share <= 0.0 || share >= 1.0) return std::nullopt;
  const double bias = normal_quantile(share);
  const auto corrected = [&](double p) {
    const double z = bias + normal_quantile(p);
    return 1.0 - normal_tail(bias + z / (1.0 - acceleration * z));
  };
  return Interval{quantile(*defined, corrected(0.5 * (1.0 - level))),
                  quantile(*defined, corrected(0.5 * (1.0 + level)))};
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
  const auto defined = defined_of(differences);
  if (!defined) return std::nullopt;
  const std::size_t smaller =
      std::min(count_at_most(*defined, 0.0), defined->size() - count_below(*defined, 0.0));
  return std::min(1.0, 2.0 * static_cast<double>(1 + smaller) / static_cast<double>(1 + defined->size()));
}

}  // namespace npo

#include "host/score_drift.hpp"

#include <algorithm>
#include <numeric>

namespace npo {

std::optional<double> histogram_distance(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  const auto total_a = std::accumulate(a.begin(), a.end(), std::uint64_t{0});
  const auto total_b = std::accumulate(b.begin(), b.end(), std::uint64_t{0});
  if (total_a == 0 || total_b == 0) return std::nullopt;
  double largest = 0.0;
  std::uint64_t below_a = 0, below_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    below_a += a[i];
    below_b += b[i];
    const double gap = static_cast<double>(below_a) / static_cast<double>(total_a) -
                       static_cast<double>(below_b) / static_cast<double>(total_b);
    largest = std::max(largest, gap < 0 ? -gap : gap);
  }
  return largest;
}

}  // namespace npo

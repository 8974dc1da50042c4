#pragma once
#include <cstdint>
#include <optional>
#include <span>

namespace npo {

/// Kolmogorov-Smirnov distance of two histograms over the same bins: the largest gap of their distribution
/// functions, in [0, 1]. It does not grow with the number of rows. Empty when either holds nothing.
std::optional<double> histogram_distance(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

}  // namespace npo

#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ranked_metrics.hpp"

namespace npo {

/// Rows of one segment that count, by index into RankedRows, and the cluster of each, numbered from 0.
struct ClusteredRows {
  std::vector<std::uint32_t> row;
  std::vector<std::uint32_t> cluster;  ///< [rows]
  std::uint32_t clusters = 0;
};

/// The rows of each segment. `key` as in delong_segments.
ClusteredRows number_clusters(std::vector<std::uint32_t> rows, std::span<const std::uint64_t> key);

/// What one score's placements add up to in each cluster: D10 and D01 (see DeLong).
struct PlacementSums {
  double auroc = 0.0;
  double positives = 0.0, negatives = 0.0;  ///< W+ and W-
  std::vector<double> d10, d01;             ///< [clusters]
  std::vector<std::uint8_t> classes;        ///< [clusters] bit 0: has a negative, bit 1: has a positive
};

/// Both classes must be there.
PlacementSums sum_placements(const RankedRows& rows, std::span<const float> score,
                             const ClusteredRows& segment);

}  // namespace npo

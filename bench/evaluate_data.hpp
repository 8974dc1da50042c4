#pragma once
#include <cstdint>
#include <vector>

#include "kernels/large_array.hpp"
#include "kernels/ranked_metrics.hpp"

namespace npo::bench {

/// Rows to evaluate: positives score as the root of a uniform, negatives as a uniform.
struct EvaluateData {
  explicit EvaluateData(std::size_t rows);
  std::size_t rows;
  LargeArray<float> score, weight;  ///< weights in [1/2, 1)
  LargeArray<std::uint8_t> label;   ///< 3 in 10 are positive
  LargeArray<std::uint32_t> fleet;  ///< of 10,000, in no order
  RankedRows ranked(bool by_fleet) const;
};

/// A log of decisions: what IPS needs.
struct LogData {
  explicit LogData(std::size_t rows);
  std::vector<float> propensity, target, reward;
  std::vector<std::uint32_t> fleet;  ///< of 10,000, sorted
};

}  // namespace npo::bench

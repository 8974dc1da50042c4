#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace npo::bench {

/// The closed loop at its defaults as a researcher would write it: one replicate after the other, doubles,
/// std::gamma_distribution and std::mt19937_64. `rows` gets a row of metrics for each replicate and
/// checkpoint.
struct NaiveLoop {
  int scenarios = 64;
  std::vector<double> thresholds = {0.5, 0.6, 0.7, 0.8, 0.9};
  std::span<const std::uint32_t> checkpoints;
};
void simulate_loops_naive(const NaiveLoop& loop, std::uint64_t seed, std::size_t replicates,
                          std::vector<std::vector<double>>& rows);

}  // namespace npo::bench

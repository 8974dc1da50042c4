#pragma once
#include <cstdint>

namespace npo::bench {

/// Thompson sampling as a programmer would write it at first: std::gamma_distribution and std::mt19937_64, in
/// double, one bandit after the other. Compiled with -O3 -march=native.
struct NaiveBandits {
  const double* means;
  int arms;
  std::uint32_t steps, bandits;
  std::uint64_t seed;
};

/// Mean cumulative regret over the bandits.
double simulate_bandits_naive(const NaiveBandits& task);

}  // namespace npo::bench

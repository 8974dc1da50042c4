#pragma once
#include <cstddef>
#include <cstdint>

namespace npo::bench {

/// Everything the plain loop reads and writes; columns as in RowInputs and RowOutputs, ids of one word.
struct NaiveScoring {
  const float* features;
  std::size_t rows, dim;
  const float* weights;
  float bias;
  const std::uint32_t* fleet;
  const std::uint64_t* ids;
  const std::uint64_t* state_ids;
  const float* state_values;
  std::size_t state_rows;
  const std::uint32_t* rule_column;
  const float* rule_lo;
  const float* rule_hi;
  int rules;
  const float* thresholds;
  int arms;
  const std::uint8_t* fleet_arm;
  const float* fleet_surface_probability;
  float* base_score;
  float* score;
  std::uint8_t* decision;
  std::uint64_t* mask;
  std::uint8_t* arm;
  float* p_surfaced;
};

/// The whole of scoring as a programmer would write it at first: one loop, float arithmetic and libm,
/// compiled with -O2 for any x86-64.
void score_naive(const NaiveScoring& task);

}  // namespace npo::bench

#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/simd_level.hpp"

/// The numeric headers compiled once for each lane type, behind plain functions, so that tests can compare
/// their bits.
namespace npo::test {

enum class Function { log, exp, sigmoid, logit, shift_log_odds, log1p, normal_quantile };

/// Sabotage of the sampler's random words, for tests that must notice it.
enum class Sabotage { none, biased_uniform };

/// One Beta for each of `count` entities: the law, and the words it is drawn from.
struct BetaRequest {
  float shape_a, shape_b;
  std::uint64_t seed;
  std::uint32_t step, block;
  std::uint32_t first_entity;
  std::size_t count;  ///< a multiple of 16
  Sabotage sabotage = Sabotage::none;
};

/// Operations of the vocabulary that `vocabulary` reports, in this order.
inline constexpr int vocabulary_size = 43;

struct LaneProbe {
  /// out[i] = f(in[i]); any count.
  void (*apply)(Function f, const float* in, float* out, std::size_t count);
  /// out[4 i ...] = philox of counter (x0, x1, x2, x3)[i]; count a multiple of 16, as below.
  void (*philox)(std::uint64_t seed, const std::uint32_t* const counter[4], std::uint32_t* out,
                 std::size_t count);
  /// The same through the path with shared selector and step, and the one with a shared step: word 0 and 2 of
  /// counter 0 hold for all.
  void (*philox_shared)(std::uint64_t seed, const std::uint32_t* const counter[4], std::uint32_t* out,
                        std::size_t count);
  void (*philox_shared_step)(std::uint64_t seed, const std::uint32_t* const counter[4], std::uint32_t* out,
                             std::size_t count);
  /// The gammas of each entity's accepted try, and a hash of every bit of every try.
  void (*betas)(const BetaRequest& request, float* x, float* y, std::uint32_t* hash);
  /// out[op * count + i]: bits of every operation on a, b, c (floats) and u, v (words); count a multiple
  /// of 16.
  void (*vocabulary)(const float* a, const float* b, const float* c, const std::uint32_t* u,
                     const std::uint32_t* v, std::uint32_t* out, std::size_t count);
};

extern const LaneProbe scalar_probe, avx2_probe, avx512_probe;

inline const LaneProbe& probe_of(SimdLevel level) {
  return level == SimdLevel::avx512 ? avx512_probe : level == SimdLevel::avx2 ? avx2_probe : scalar_probe;
}

}  // namespace npo::test

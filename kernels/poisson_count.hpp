#pragma once
#include <cstdint>

#include "kernels/philox.hpp"

/// Counts K ~ Poisson(1) by inversion of a 48-bit uniform. Its upper 16 bits decide alone in all but one of
/// 1490 draws, so a Philox block serves eight replicates; the lower 32 bits are drawn only where they are
/// needed.
///
/// Replicate b of a unit: purpose bootstrap, entity = unit key, step = b / 8.
///   attempt 0, block 0: word (b % 8) / 2 holds the upper bits, in its low half for even b
///   attempt 1, block (b % 8) / 4, word b % 4: the lower bits
namespace npo {

inline constexpr std::uint32_t replicates_a_block = 8;

/// 2^48 P(K <= k), rounded, for k below max_poisson_count; the next one would be 2^48.
inline constexpr int max_poisson_count = 16;
NPO_HD constexpr std::uint64_t poisson_cut(int k) {
  constexpr std::uint64_t cuts[max_poisson_count] = {
      0x5e2d58d8b3bd, 0xbc5ab1b1677a, 0xeb715e1dc158, 0xfb23979734a2, 0xff1025f59175, 0xffd90f3ba405,
      0xfffa8b71fc73, 0xffff540c0915, 0xffffed1f4aa9, 0xfffffe216e64, 0xffffffd4d85d, 0xfffffffc6da2,
      0xffffffffba13, 0xfffffffffb08, 0xffffffffffac, 0xfffffffffffb};
  return cuts[k];
}

/// The cut points that 16 bits are compared with; draws equal to one of them, and all from `uncertain_from`
/// on, are uncertain.
inline constexpr int coarse_cuts = 5;
NPO_HD constexpr std::uint16_t coarse_cut(int k) {
  return static_cast<std::uint16_t>(poisson_cut(k) >> 32);
}
inline constexpr std::uint16_t uncertain_from = coarse_cut(coarse_cuts);

/// The count that 16 upper bits decide where they are certain.
NPO_HD std::uint32_t coarse_count(std::uint32_t upper) {
  std::uint32_t count = 0;
  NPO_UNROLL
  for (int k = 0; k < coarse_cuts; ++k) count += upper > coarse_cut(k) ? 1u : 0u;
  return count;
}
NPO_HD bool count_is_uncertain(std::uint32_t upper) {
  bool uncertain = upper >= uncertain_from;
  NPO_UNROLL
  for (int k = 0; k < coarse_cuts; ++k) uncertain = uncertain || upper == coarse_cut(k);
  return uncertain;
}

/// The count of all 48 bits, for the uncertain ones.
NPO_HD std::uint32_t refined_count(const PhiloxKey& key, std::uint32_t upper, std::uint64_t unit,
                                   std::uint32_t replicate) {
  const std::uint32_t place = replicate % replicates_a_block;
  const PhiloxWords words = philox(
      philox_counter(RandomPurpose::bootstrap, unit, replicate / replicates_a_block, place / 4, 1), key);
  // Selected, because a GPU thread would keep an indexed array in memory.
  const std::uint32_t first = place % 2 == 0 ? words.word[0] : words.word[1];
  const std::uint32_t last = place % 2 == 0 ? words.word[2] : words.word[3];
  const std::uint64_t draw = std::uint64_t{upper} << 32 | (place % 4 < 2 ? first : last);
  std::uint32_t count = 0;
  NPO_UNROLL
  for (int k = 0; k < max_poisson_count; ++k) count += draw >= poisson_cut(k) ? 1u : 0u;
  return count;
}

}  // namespace npo

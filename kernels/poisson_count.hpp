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

/// 2^48 P(K <= k) for k = 0, 1, ..., rounded; the next one is 2^48.
inline constexpr std::uint64_t poisson_cuts[] = {
    0x5e2d58d8b3bd, 0xbc5ab1b1677a, 0xeb715e1dc158, 0xfb23979734a2, 0xff1025f59175, 0xffd90f3ba405,
    0xfffa8b71fc73, 0xffff540c0915, 0xffffed1f4aa9, 0xfffffe216e64, 0xffffffd4d85d, 0xfffffffc6da2,
    0xffffffffba13, 0xfffffffffb08, 0xffffffffffac, 0xfffffffffffb};
inline constexpr int max_poisson_count = sizeof poisson_cuts / sizeof *poisson_cuts;

/// The cut points that 16 bits are compared with; draws equal to one of them, and all from `uncertain_from`
/// on, are uncertain.
inline constexpr std::uint16_t coarse_cuts[] = {0x5e2d, 0xbc5a, 0xeb71, 0xfb23, 0xff10};
inline constexpr std::uint16_t uncertain_from = 0xffd9;
static_assert(coarse_cuts[4] == poisson_cuts[4] >> 32 && uncertain_from == poisson_cuts[5] >> 32);

/// The count that 16 upper bits decide where they are certain.
NPO_HD std::uint32_t coarse_count(std::uint32_t upper) {
  std::uint32_t count = 0;
  for (const std::uint16_t cut : coarse_cuts) count += upper > cut ? 1u : 0u;
  return count;
}
NPO_HD bool count_is_uncertain(std::uint32_t upper) {
  bool uncertain = upper >= uncertain_from;
  for (const std::uint16_t cut : coarse_cuts) uncertain = uncertain || upper == cut;
  return uncertain;
}

/// The count of all 48 bits, for the uncertain ones.
NPO_HD std::uint32_t refined_count(const PhiloxKey& key, std::uint32_t upper, std::uint64_t unit,
                                   std::uint32_t replicate) {
  const std::uint32_t place = replicate % replicates_a_block;
  const PhiloxWords words = philox(
      philox_counter(RandomPurpose::bootstrap, unit, replicate / replicates_a_block, place / 4, 1), key);
  const std::uint64_t draw = std::uint64_t{upper} << 32 | words.word[place % 4];
  std::uint32_t count = 0;
  for (const std::uint64_t cut : poisson_cuts) count += draw >= cut ? 1u : 0u;
  return count;
}

}  // namespace npo

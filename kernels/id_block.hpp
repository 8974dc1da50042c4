#pragma once
#include <immintrin.h>

#include <bit>
#include <cstdint>

/// Comparisons of sixteen one-word ids at once, for the merge join (baseline instruction set x86-64-v3).
namespace npo {

inline constexpr std::size_t id_block = 16;

/// How many of the leading sixteen words of `a` and `b` are equal, 0 to 16.
inline unsigned equal_prefix(const std::uint64_t* a, const std::uint64_t* b) {
  unsigned equal = 0;
  for (unsigned i = 0; i < id_block; i += 4) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i));
    const int same = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(x, y)));
    equal |= static_cast<unsigned>(same) << i;
  }
  return static_cast<unsigned>(std::countr_one(equal));
}

/// How many of the sixteen ascending words of `a` are less than `key`, 0 to 16.
inline unsigned less_count(const std::uint64_t* a, std::uint64_t key) {
  const __m256i top = _mm256_set1_epi64x(INT64_MIN);  // there is only a signed comparison
  const __m256i k = _mm256_xor_si256(_mm256_set1_epi64x(static_cast<std::int64_t>(key)), top);
  unsigned less = 0;
  for (unsigned i = 0; i < id_block; i += 4) {
    const __m256i x = _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i)), top);
    const int below = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(k, x)));
    less |= static_cast<unsigned>(below) << i;
  }
  return static_cast<unsigned>(std::countr_one(less));
}

}  // namespace npo

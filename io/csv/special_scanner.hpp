#pragma once
#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace npo::csv {

/// Finds the next separator, line feed or quote, 32 bytes at a time. Positions asked for must not go back.
/// The text must be followed by 32 readable bytes.
class SpecialScanner {
 public:
  /// Bytes that must be readable behind the text.
  static constexpr std::size_t padding = 32;

  SpecialScanner(const char* text, std::size_t begin, char separator)
      : text_(text), separator_(_mm256_set1_epi8(separator)), block_(begin), mask_(load(begin)) {}

  /// First position >= `from` that holds a special byte, or a position >= `end` when there is none before
  /// `end`.
  std::size_t next(std::size_t from, std::size_t end) {
    while (from < end) {
      if (from - block_ >= padding) {
        block_ = from;
        mask_ = load(from);
      }
      const std::uint32_t ahead = mask_ >> (from - block_);
      if (ahead) return from + static_cast<std::size_t>(std::countr_zero(ahead));
      from = block_ + padding;
    }
    return end;
  }

 private:
  std::uint32_t load(std::size_t at) const {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text_ + at));
    const __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, separator_),
                                        _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')),
                                                        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'))));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(hit));
  }

  const char* text_;
  __m256i separator_;
  std::size_t block_;
  std::uint32_t mask_;
};

}  // namespace npo::csv

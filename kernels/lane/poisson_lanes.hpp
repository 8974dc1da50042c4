#pragma once
#include "kernels/lane/avx2.hpp"
#include "kernels/lane/avx512.hpp"
#include "kernels/lane/scalar.hpp"
#include "kernels/poisson_count.hpp"

/// The Poisson bootstrap's arithmetic on halves of words, for each lane type.
namespace npo::lane {

/// PoissonLanes<L>:
///   counts(draws, uncertain)  the counts of the 16-bit draws in both halves; `uncertain` is set where any of
///   them
///                             needs more bits, and is left alone where none does
///   dot(sum, counts, values)  sum + low half * low half + high half * high half, signed
template <class L>
class PoissonLanes {
 public:
  using U = typename L::U;
  static NPO_HD U counts(U draws, bool& uncertain) {
    const std::uint32_t low = draws & 0xffffu, high = draws >> 16;
    if (count_is_uncertain(low) || count_is_uncertain(high)) uncertain = true;
    return coarse_count(low) | coarse_count(high) << 16;
  }
  static NPO_HD U dot(U sum, U counts, U values) {
    const auto half = [](std::uint32_t word) { return static_cast<std::int16_t>(word); };
    return sum + static_cast<std::uint32_t>(half(counts) * half(values)) +
           static_cast<std::uint32_t>(half(counts >> 16) * half(values >> 16));
  }
};

#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
template <>
class PoissonLanes<Avx2> {
 public:
  using U = Avx2::U;
  NPO_HD PoissonLanes() {
    NPO_UNROLL
    for (int j = 0; j < 5; ++j) cut_[j] = biased(coarse_cut(j));
    tail_ = biased(uncertain_from - 1);
  }
  NPO_HD U counts(U draws, bool& uncertain) const {
    const __m256i u =
        _mm256_xor_si256(draws.v, _mm256_set1_epi16(-0x8000));  // there are only signed compares
    __m256i k = _mm256_setzero_si256(), doubt = _mm256_cmpgt_epi16(u, tail_);
    NPO_UNROLL
    for (int j = 0; j < 5; ++j) {
      k = _mm256_sub_epi16(k, _mm256_cmpgt_epi16(u, cut_[j]));
      doubt = _mm256_or_si256(doubt, _mm256_cmpeq_epi16(u, cut_[j]));
    }
    if (!_mm256_testz_si256(doubt, doubt)) uncertain = true;
    return k;
  }
  static NPO_HD U dot(U sum, U counts, U values) {
    return _mm256_add_epi32(sum.v, _mm256_madd_epi16(counts.v, values.v));
  }

 private:
  static NPO_HD __m256i biased(int cut) { return _mm256_set1_epi16(static_cast<short>(cut ^ 0x8000)); }
  __m256i cut_[5], tail_;
};
#endif

#if defined(__AVX512F__) && defined(__AVX512BW__) && !defined(__CUDACC__)
/// The first four cuts lie in different cells of 2048 draws, so one table lookup finds the only cut to
/// compare with.
template <>
class PoissonLanes<Avx512> {
 public:
  using U = Avx512::U;
  NPO_HD PoissonLanes() {
    alignas(64) std::uint16_t cut[32], below[32];
    for (int cell = 0; cell < 32; ++cell) {
      cut[cell] = 0xffff;
      below[cell] = 0;
      for (int j = 0; j < 4; ++j) {
        if (coarse_cut(j) >> 11 == cell) cut[cell] = coarse_cut(j);
        if (coarse_cut(j) >> 11 < cell) ++below[cell];
      }
    }
    cut_of_cell_ = _mm512_load_si512(cut);
    cuts_below_ = _mm512_load_si512(below);
    last_cut_ = _mm512_set1_epi16(static_cast<short>(coarse_cut(4)));
    tail_ = _mm512_set1_epi16(static_cast<short>(uncertain_from));
  }
  NPO_HD U counts(U draws, bool& uncertain) const {
    const __m512i cell = _mm512_srli_epi16(draws.v, 11), one = _mm512_set1_epi16(1);
    const __m512i cut = _mm512_permutexvar_epi16(cell, cut_of_cell_);
    __m512i k = _mm512_permutexvar_epi16(cell, cuts_below_);
    k = _mm512_mask_add_epi16(k, _mm512_cmpgt_epu16_mask(draws.v, cut), k, one);
    k = _mm512_mask_add_epi16(k, _mm512_cmpgt_epu16_mask(draws.v, last_cut_), k, one);
    const __mmask32 doubt = _mm512_cmpeq_epi16_mask(draws.v, cut) |
                            _mm512_cmpeq_epi16_mask(draws.v, last_cut_) |
                            _mm512_cmpge_epu16_mask(draws.v, tail_);
    if (doubt != 0) uncertain = true;
    return k;
  }
  static NPO_HD U dot(U sum, U counts, U values) {
    return _mm512_add_epi32(sum.v, _mm512_madd_epi16(counts.v, values.v));
  }

 private:
  __m512i cut_of_cell_, cuts_below_, last_cut_, tail_;
};
#endif

}  // namespace npo::lane

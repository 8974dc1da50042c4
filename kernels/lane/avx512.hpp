#pragma once
#include "kernels/lane/scalar.hpp"
#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
#include <immintrin.h>

namespace npo::lane {

/// Sixteen lanes in a 512-bit register; the vocabulary is documented at Scalar. Include it only from files
/// compiled with -march=x86-64-v4.
struct Avx512 {
  static constexpr int width = 16;
  struct M {
    __mmask16 v;
  };
  struct F {
    __m512 v;
    F() = default;
    NPO_HD F(__m512 x) : v(x) {}
    NPO_HD F(float x) : v(_mm512_set1_ps(x)) {}
  };
  struct U {
    __m512i v;
    U() = default;
    NPO_HD U(__m512i x) : v(x) {}
    NPO_HD U(std::uint32_t x) : v(_mm512_set1_epi32(static_cast<int>(x))) {}
  };
  struct P {
    __m512i even, odd;
  };
  using T = F;

  static NPO_HD F load(const float* p) { return _mm512_loadu_ps(p); }
  static NPO_HD U load(const std::uint32_t* p) { return _mm512_loadu_si512(p); }
  static NPO_HD F load_first(const float* p, int n) { return _mm512_maskz_loadu_ps(first(n).v, p); }
  static NPO_HD U load_first(const std::uint32_t* p, int n) {
    return _mm512_maskz_loadu_epi32(first(n).v, p);
  }
  static NPO_HD void store(float* p, F a) { _mm512_storeu_ps(p, a.v); }
  static NPO_HD void store(std::uint32_t* p, U a) { _mm512_storeu_si512(p, a.v); }
  static NPO_HD void store_first(float* p, int n, F a) { _mm512_mask_storeu_ps(p, first(n).v, a.v); }
  static NPO_HD void store_first(std::uint32_t* p, int n, U a) {
    _mm512_mask_storeu_epi32(p, first(n).v, a.v);
  }
  static NPO_HD void store_if(M m, std::uint32_t* p, U a) { _mm512_mask_storeu_epi32(p, m.v, a.v); }
  static NPO_HD F gather(const float* base, U i) { return _mm512_i32gather_ps(i.v, base, 4); }
  static NPO_HD U gather(const std::uint32_t* base, U i) { return _mm512_i32gather_epi32(i.v, base, 4); }
  static NPO_HD void scatter(float* base, U i, F a) { _mm512_i32scatter_ps(base, i.v, a.v, 4); }
  static NPO_HD void scatter(std::uint32_t* base, U i, U a) { _mm512_i32scatter_epi32(base, i.v, a.v, 4); }
  static NPO_HD M not_zero(const std::uint64_t* p) {
    const __m512i low = _mm512_loadu_si512(p), high = _mm512_loadu_si512(p + 8);
    return {_mm512_kunpackb(_mm512_test_epi64_mask(high, high), _mm512_test_epi64_mask(low, low))};
  }
  static NPO_HD T table(const float* p) { return _mm512_loadu_ps(p); }
  static NPO_HD F lookup(T t, U i) { return _mm512_permutexvar_ps(i.v, t.v); }
  static NPO_HD F lookup8(T t, U i) { return lookup(t, i); }
  static NPO_HD U iota() { return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }

  static NPO_HD F select(M m, F a, F b) { return _mm512_mask_mov_ps(b.v, m.v, a.v); }
  static NPO_HD U select(M m, U a, U b) { return _mm512_mask_mov_epi32(b.v, m.v, a.v); }
  static NPO_HD F add_if(M m, F a, F b) { return _mm512_mask_add_ps(a.v, m.v, a.v, b.v); }
  static NPO_HD U add_if(M m, U a, U b) { return _mm512_mask_add_epi32(a.v, m.v, a.v, b.v); }
  static NPO_HD bool any(M m) { return m.v != 0; }
  static NPO_HD bool all(M m) { return m.v == 0xffff; }
  static NPO_HD int count(M m) { return __builtin_popcount(m.v); }
  static NPO_HD std::uint32_t bits(M m) { return m.v; }
  static NPO_HD M first(int n) { return {_mm512_cmplt_epi32_mask(iota().v, _mm512_set1_epi32(n))}; }

  static NPO_HD F max(F a, F b) { return _mm512_max_ps(a.v, b.v); }
  static NPO_HD F min(F a, F b) { return _mm512_min_ps(a.v, b.v); }
  static NPO_HD F abs(F a) { return as_f(as_u(a) & U(0x7fffffffu)); }
  static NPO_HD F negate(F a) { return as_f(as_u(a) ^ U(0x80000000u)); }
  static NPO_HD F max_abs(F a, F b) { return max(a, abs(b)); }
  static NPO_HD M is_nan(F a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
  static NPO_HD F to_float(U a) { return _mm512_cvtepi32_ps(a.v); }
  static NPO_HD U to_int(F a) { return _mm512_cvttps_epi32(a.v); }
  static NPO_HD M signed_le(U a, U b) { return {_mm512_cmple_epi32_mask(a.v, b.v)}; }
  static NPO_HD U shift_right_signed(U a, int n) { return _mm512_srai_epi32(a.v, static_cast<unsigned>(n)); }

  static NPO_HD P split(U a) { return {a.v, _mm512_srli_epi64(a.v, 32)}; }
  static NPO_HD P uniform(std::uint32_t a) { return {U(a).v, U(a).v}; }
  static NPO_HD U join(P a) {
    return _mm512_mask_shuffle_epi32(a.even, 0xaaaa, a.odd, static_cast<_MM_PERM_ENUM>(0xa0));
  }
  static NPO_HD HiLo<P> mul(P a, std::uint32_t b) {
    const __m512i e = _mm512_mul_epu32(a.even, U(b).v), o = _mm512_mul_epu32(a.odd, U(b).v);
    return {{_mm512_srli_epi64(e, 32), _mm512_srli_epi64(o, 32)}, {e, o}};
  }
  static NPO_HD P xor2(P a, std::uint32_t c) {
    return {_mm512_xor_si512(a.even, U(c).v), _mm512_xor_si512(a.odd, U(c).v)};
  }
  static NPO_HD P xor3(P a, P b, std::uint32_t c) {
    return {_mm512_ternarylogic_epi32(a.even, b.even, U(c).v, 0x96),
            _mm512_ternarylogic_epi32(a.odd, b.odd, U(c).v, 0x96)};
  }

  static NPO_HD F fma(F a, F b, F c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
  static NPO_HD F fnma(F a, F b, F c) { return _mm512_fnmadd_ps(a.v, b.v, c.v); }
  static NPO_HD F sqrt(F a) { return _mm512_sqrt_ps(a.v); }
  static NPO_HD F div(F a, F b) { return _mm512_div_ps(a.v, b.v); }
  static NPO_HD U as_u(F a) { return _mm512_castps_si512(a.v); }
  static NPO_HD F as_f(U a) { return _mm512_castsi512_ps(a.v); }
  static NPO_HD F exponent(F a) { return _mm512_getexp_ps(a.v); }
  static NPO_HD F mantissa(F a) { return _mm512_getmant_ps(a.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero); }
  static NPO_HD F unit_float(U a) {
    return as_f(_mm512_ternarylogic_epi32(a.v, U(0x7fffffu).v, U(0x3f800000u).v, 0xea));
  }

  friend NPO_HD F operator+(F a, F b) { return _mm512_add_ps(a.v, b.v); }
  friend NPO_HD F operator-(F a, F b) { return _mm512_sub_ps(a.v, b.v); }
  friend NPO_HD F operator*(F a, F b) { return _mm512_mul_ps(a.v, b.v); }
  friend NPO_HD M operator<(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
  friend NPO_HD M operator<=(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
  friend NPO_HD M operator==(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
  friend NPO_HD U operator+(U a, U b) { return _mm512_add_epi32(a.v, b.v); }
  friend NPO_HD U operator-(U a, U b) { return _mm512_sub_epi32(a.v, b.v); }
  friend NPO_HD U operator&(U a, U b) { return _mm512_and_si512(a.v, b.v); }
  friend NPO_HD U operator|(U a, U b) { return _mm512_or_si512(a.v, b.v); }
  friend NPO_HD U operator^(U a, U b) { return _mm512_xor_si512(a.v, b.v); }
  friend NPO_HD U operator<<(U a, int n) { return _mm512_slli_epi32(a.v, static_cast<unsigned>(n)); }
  friend NPO_HD U operator>>(U a, int n) { return _mm512_srli_epi32(a.v, static_cast<unsigned>(n)); }
  friend NPO_HD M operator==(U a, U b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
  friend NPO_HD M operator&(M a, M b) { return mask(a.v & b.v); }
  friend NPO_HD M operator|(M a, M b) { return mask(a.v | b.v); }
  friend NPO_HD M operator!(M a) { return mask(~a.v); }

 private:
  static NPO_HD M mask(int m) { return {static_cast<__mmask16>(m)}; }
};

}  // namespace npo::lane
#endif

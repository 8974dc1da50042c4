#pragma once
#include "kernels/lane/scalar.hpp"
#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
#include <immintrin.h>

namespace npo::lane {

/// Eight lanes in a 256-bit register; the vocabulary is documented at Scalar. Generator words are kept as
/// even and odd 64-bit halves, because the 32 x 32 bit multiply works on those.
struct Avx2 {
  static constexpr int width = 8;
  struct M {
    __m256 v;
  };
  struct F {
    __m256 v;
    F() = default;
    NPO_HD F(__m256 x) : v(x) {}
    NPO_HD F(float x) : v(_mm256_set1_ps(x)) {}
  };
  struct U {
    __m256i v;
    U() = default;
    NPO_HD U(__m256i x) : v(x) {}
    NPO_HD U(std::uint32_t x) : v(_mm256_set1_epi32(static_cast<int>(x))) {}
  };
  struct P {
    __m256i even, odd;
  };
  struct T {
    __m256 low, high;
  };

  static NPO_HD F load(const float* p) { return _mm256_loadu_ps(p); }
  static NPO_HD U load(const std::uint32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static NPO_HD F load_first(const float* p, int n) { return _mm256_maskload_ps(p, int_mask(n)); }
  static NPO_HD U load_first(const std::uint32_t* p, int n) {
    return _mm256_maskload_epi32(reinterpret_cast<const int*>(p), int_mask(n));
  }
  static NPO_HD void store(float* p, F a) { _mm256_storeu_ps(p, a.v); }
  static NPO_HD void store(std::uint32_t* p, U a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v); }
  static NPO_HD void store_first(float* p, int n, F a) { _mm256_maskstore_ps(p, int_mask(n), a.v); }
  static NPO_HD void store_first(std::uint32_t* p, int n, U a) {
    _mm256_maskstore_epi32(reinterpret_cast<int*>(p), int_mask(n), a.v);
  }
  static NPO_HD void store_if(M m, std::uint32_t* p, U a) {
    _mm256_maskstore_epi32(reinterpret_cast<int*>(p), _mm256_castps_si256(m.v), a.v);
  }
  static NPO_HD F gather(const float* base, U i) { return _mm256_i32gather_ps(base, i.v, 4); }
  static NPO_HD U gather(const std::uint32_t* base, U i) {
    return _mm256_i32gather_epi32(reinterpret_cast<const int*>(base), i.v, 4);
  }
  static NPO_HD void scatter(float* base, U i, F a) {
    float value[width];
    store(value, a);
    scatter_values(base, i, value);
  }
  static NPO_HD void scatter(std::uint32_t* base, U i, U a) {
    std::uint32_t value[width];
    store(value, a);
    scatter_values(base, i, value);
  }
  static NPO_HD M not_zero(const std::uint64_t* p) {
    const auto zeros = [p](int i) {
      const auto* word = reinterpret_cast<const __m256i*>(p + i);
      return _mm256_castsi256_ps(_mm256_cmpeq_epi64(_mm256_loadu_si256(word), _mm256_setzero_si256()));
    };
    const __m256 picked = _mm256_shuffle_ps(zeros(0), zeros(4), 0x88);  // pairs 0, 2, 1, 3
    return !M{_mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(picked), 0xd8))};
  }
  static NPO_HD T table(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  static NPO_HD F lookup(T t, U i) {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(t.low, i.v), _mm256_permutevar8x32_ps(t.high, i.v),
                            _mm256_castsi256_ps(_mm256_slli_epi32(i.v, 28)));
  }
  static NPO_HD F lookup8(T t, U i) { return _mm256_permutevar8x32_ps(t.low, i.v); }
  static NPO_HD U iota() { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }

  static NPO_HD F select(M m, F a, F b) { return _mm256_blendv_ps(b.v, a.v, m.v); }
  static NPO_HD U select(M m, U a, U b) { return _mm256_blendv_epi8(b.v, a.v, _mm256_castps_si256(m.v)); }
  static NPO_HD F add_if(M m, F a, F b) { return _mm256_add_ps(a.v, _mm256_and_ps(m.v, b.v)); }
  static NPO_HD U add_if(M m, U a, U b) {
    return _mm256_add_epi32(a.v, _mm256_and_si256(_mm256_castps_si256(m.v), b.v));
  }
  static NPO_HD bool any(M m) { return _mm256_movemask_ps(m.v) != 0; }
  static NPO_HD bool all(M m) { return _mm256_movemask_ps(m.v) == 0xff; }
  static NPO_HD int count(M m) { return __builtin_popcount(bits(m)); }
  static NPO_HD std::uint32_t bits(M m) { return static_cast<std::uint32_t>(_mm256_movemask_ps(m.v)); }
  static NPO_HD M first(int n) { return as_m(int_mask(n)); }

  static NPO_HD F max(F a, F b) { return _mm256_max_ps(a.v, b.v); }
  static NPO_HD F min(F a, F b) { return _mm256_min_ps(a.v, b.v); }
  static NPO_HD F abs(F a) { return as_f(as_u(a) & U(0x7fffffffu)); }
  static NPO_HD F negate(F a) { return as_f(as_u(a) ^ U(0x80000000u)); }
  static NPO_HD F max_abs(F a, F b) { return max(a, abs(b)); }
  static NPO_HD M is_nan(F a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
  static NPO_HD F to_float(U a) { return _mm256_cvtepi32_ps(a.v); }
  static NPO_HD U to_int(F a) { return _mm256_cvttps_epi32(a.v); }
  static NPO_HD M signed_le(U a, U b) { return !as_m(_mm256_cmpgt_epi32(a.v, b.v)); }
  static NPO_HD U shift_right_signed(U a, int n) { return _mm256_srai_epi32(a.v, n); }

  static NPO_HD P split(U a) { return {a.v, _mm256_srli_epi64(a.v, 32)}; }
  static NPO_HD P uniform(std::uint32_t a) { return {U(a).v, U(a).v}; }
  static NPO_HD U join(P a) { return _mm256_blend_epi32(a.even, _mm256_slli_epi64(a.odd, 32), 0xaa); }
  static NPO_HD HiLo<P> mul(P a, std::uint32_t b) {
    const __m256i e = _mm256_mul_epu32(a.even, U(b).v), o = _mm256_mul_epu32(a.odd, U(b).v);
    return {{_mm256_srli_epi64(e, 32), _mm256_srli_epi64(o, 32)}, {e, o}};
  }
  static NPO_HD P xor2(P a, std::uint32_t c) {
    return {_mm256_xor_si256(a.even, U(c).v), _mm256_xor_si256(a.odd, U(c).v)};
  }
  static NPO_HD P xor3(P a, P b, std::uint32_t c) {
    return {_mm256_xor_si256(_mm256_xor_si256(b.even, U(c).v), a.even),
            _mm256_xor_si256(_mm256_xor_si256(b.odd, U(c).v), a.odd)};
  }

  static NPO_HD F fma(F a, F b, F c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
  static NPO_HD F fnma(F a, F b, F c) { return _mm256_fnmadd_ps(a.v, b.v, c.v); }
  static NPO_HD F sqrt(F a) { return _mm256_sqrt_ps(a.v); }
  static NPO_HD F div(F a, F b) { return _mm256_div_ps(a.v, b.v); }
  static NPO_HD U as_u(F a) { return _mm256_castps_si256(a.v); }
  static NPO_HD F as_f(U a) { return _mm256_castsi256_ps(a.v); }
  static NPO_HD F exponent(F a) { return to_float((as_u(a) >> 23) - U(127u)); }
  static NPO_HD F mantissa(F a) { return unit_float(as_u(a)); }
  static NPO_HD F unit_float(U a) { return as_f((a & U(0x7fffffu)) | U(0x3f800000u)); }

  friend NPO_HD F operator+(F a, F b) { return _mm256_add_ps(a.v, b.v); }
  friend NPO_HD F operator-(F a, F b) { return _mm256_sub_ps(a.v, b.v); }
  friend NPO_HD F operator*(F a, F b) { return _mm256_mul_ps(a.v, b.v); }
  friend NPO_HD M operator<(F a, F b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
  friend NPO_HD M operator<=(F a, F b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
  friend NPO_HD M operator==(F a, F b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
  friend NPO_HD U operator+(U a, U b) { return _mm256_add_epi32(a.v, b.v); }
  friend NPO_HD U operator-(U a, U b) { return _mm256_sub_epi32(a.v, b.v); }
  friend NPO_HD U operator&(U a, U b) { return _mm256_and_si256(a.v, b.v); }
  friend NPO_HD U operator|(U a, U b) { return _mm256_or_si256(a.v, b.v); }
  friend NPO_HD U operator^(U a, U b) { return _mm256_xor_si256(a.v, b.v); }
  friend NPO_HD U operator<<(U a, int n) { return _mm256_slli_epi32(a.v, n); }
  friend NPO_HD U operator>>(U a, int n) { return _mm256_srli_epi32(a.v, n); }
  friend NPO_HD M operator==(U a, U b) { return as_m(_mm256_cmpeq_epi32(a.v, b.v)); }
  friend NPO_HD M operator&(M a, M b) { return {_mm256_and_ps(a.v, b.v)}; }
  friend NPO_HD M operator|(M a, M b) { return {_mm256_or_ps(a.v, b.v)}; }
  friend NPO_HD M operator!(M a) { return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))}; }

 private:
  template <class V>
  static NPO_HD void scatter_values(V* base, U i, const V* value) {
    std::uint32_t place[width];
    store(place, i);
    NPO_UNROLL
    for (int k = 0; k < width; ++k) base[place[k]] = value[k];
  }
  static NPO_HD M as_m(__m256i x) { return {_mm256_castsi256_ps(x)}; }
  static NPO_HD __m256i int_mask(int n) { return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), iota().v); }
};

}  // namespace npo::lane
#endif

#pragma once
#include <bit>

#include "kernels/lane/avx2.hpp"
#include "kernels/lane/avx512.hpp"
#include "kernels/lane/scalar.hpp"

/// Doubles and 64-bit integers beside the float lanes, as sums of moments need them.
///
///   Floats            `width` floats of memory    D  doubles    I  64-bit integers
///   widen(f, half)    the doubles of one half of the floats
///   add_bits(i, d)    i + the bits of d, as integers
///   total(i, items)   the sum over lanes of i less `items` times the bits of 1.5 2^52
///   Bits              largest bit pattern seen so far; bits of numbers of one sign order as the numbers do
namespace npo::lane {

template <class L>
struct MomentLanes;

inline constexpr std::uint64_t magic_bits = std::bit_cast<std::uint64_t>(0x1.8p52);

template <>
struct MomentLanes<Scalar> {
  using Floats = float;
  using D = double;
  using I = std::uint64_t;
  using Bits = std::uint32_t;
  static constexpr std::size_t width = 1;
  static constexpr int halves = 1;
  static NPO_HD Floats load(const float* p) { return *p; }
  static NPO_HD Floats load_first(const float* p, int) { return *p; }
  static NPO_HD Floats all(float x) { return x; }
  static NPO_HD Floats ones_first(int) { return 1.0f; }
  static NPO_HD I zero() { return 0; }
  static NPO_HD D widen(Floats f, int) { return f; }
  static NPO_HD D fma(D a, D b, D c) { return __builtin_fma(a, b, c); }
  static NPO_HD I add_bits(I i, D d) { return i + std::bit_cast<std::uint64_t>(d); }
  static NPO_HD std::int64_t total(I i, std::uint64_t items) {
    return static_cast<std::int64_t>(i - items * magic_bits);
  }
  static NPO_HD Bits no_bits() { return 0; }
  static NPO_HD Bits bits(Floats f) { return Scalar::as_u(f); }
  static NPO_HD Bits magnitude_bits(Floats f) { return Scalar::as_u(f) & 0x7fffffffu; }
  static NPO_HD Bits larger(Bits a, Bits b) { return a > b ? a : b; }
  static NPO_HD bool all_within(Bits b, float limit) { return b <= Scalar::as_u(limit); }
};

#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
template <>
struct MomentLanes<Avx2> {
  using Floats = __m256;
  struct D {
    __m256d v;
    NPO_HD D(__m256d x) : v(x) {}
    NPO_HD D(double x) : v(_mm256_set1_pd(x)) {}
    friend NPO_HD D operator+(D a, D b) { return _mm256_add_pd(a.v, b.v); }
    friend NPO_HD D operator*(D a, D b) { return _mm256_mul_pd(a.v, b.v); }
  };
  using I = __m256i;
  using Bits = __m256i;
  static constexpr std::size_t width = 8;
  static constexpr int halves = 2;
  static NPO_HD Floats load(const float* p) { return _mm256_loadu_ps(p); }
  static NPO_HD Floats load_first(const float* p, int n) { return Avx2::load_first(p, n).v; }
  static NPO_HD Floats all(float x) { return _mm256_set1_ps(x); }
  static NPO_HD Floats ones_first(int n) {
    return Avx2::select(Avx2::first(n), Avx2::F(1.0f), Avx2::F(0.0f)).v;
  }
  static NPO_HD I zero() { return _mm256_setzero_si256(); }
  static NPO_HD D widen(Floats f, int half) {
    return _mm256_cvtps_pd(half == 0 ? _mm256_castps256_ps128(f) : _mm256_extractf128_ps(f, 1));
  }
  static NPO_HD D fma(D a, D b, D c) { return _mm256_fmadd_pd(a.v, b.v, c.v); }
  static NPO_HD I add_bits(I i, D d) { return _mm256_add_epi64(i, _mm256_castpd_si256(d.v)); }
  static NPO_HD std::int64_t total(I i, std::uint64_t items) {
    alignas(32) std::uint64_t lane[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(lane), i);
    return static_cast<std::int64_t>(lane[0] + lane[1] + lane[2] + lane[3] - items * magic_bits);
  }
  static NPO_HD Bits no_bits() { return _mm256_setzero_si256(); }
  static NPO_HD Bits bits(Floats f) { return _mm256_castps_si256(f); }
  static NPO_HD Bits magnitude_bits(Floats f) {
    return _mm256_and_si256(bits(f), _mm256_set1_epi32(0x7fffffff));
  }
  static NPO_HD Bits larger(Bits a, Bits b) { return _mm256_max_epu32(a, b); }
  static NPO_HD bool all_within(Bits b, float limit) {
    const __m256i most = _mm256_set1_epi32(static_cast<int>(Scalar::as_u(limit)));
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_max_epu32(b, most), most)) == -1;
  }
};
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
template <>
struct MomentLanes<Avx512> {
  using Floats = __m512;
  struct D {
    __m512d v;
    NPO_HD D(__m512d x) : v(x) {}
    NPO_HD D(double x) : v(_mm512_set1_pd(x)) {}
    friend NPO_HD D operator+(D a, D b) { return _mm512_add_pd(a.v, b.v); }
    friend NPO_HD D operator*(D a, D b) { return _mm512_mul_pd(a.v, b.v); }
  };
  using I = __m512i;
  using Bits = __m512i;
  static constexpr std::size_t width = 16;
  static constexpr int halves = 2;
  static NPO_HD Floats load(const float* p) { return _mm512_loadu_ps(p); }
  static NPO_HD Floats load_first(const float* p, int n) { return Avx512::load_first(p, n).v; }
  static NPO_HD Floats all(float x) { return _mm512_set1_ps(x); }
  static NPO_HD Floats ones_first(int n) {
    return _mm512_maskz_mov_ps(Avx512::first(n).v, _mm512_set1_ps(1.0f));
  }
  static NPO_HD I zero() { return _mm512_setzero_si512(); }
  static NPO_HD D widen(Floats f, int half) {
    return _mm512_cvtps_pd(half == 0 ? _mm512_castps512_ps256(f) : _mm512_extractf32x8_ps(f, 1));
  }
  static NPO_HD D fma(D a, D b, D c) { return _mm512_fmadd_pd(a.v, b.v, c.v); }
  static NPO_HD I add_bits(I i, D d) { return _mm512_add_epi64(i, _mm512_castpd_si512(d.v)); }
  static NPO_HD std::int64_t total(I i, std::uint64_t items) {
    // Unsigned, as the sum may wrap around; _mm512_reduce_add_epi64 adds signed numbers.
    alignas(64) std::uint64_t lane[8];
    _mm512_store_si512(lane, i);
    std::uint64_t sum = 0;
    for (const std::uint64_t part : lane) sum += part;
    return static_cast<std::int64_t>(sum - items * magic_bits);
  }
  static NPO_HD Bits no_bits() { return _mm512_setzero_si512(); }
  static NPO_HD Bits bits(Floats f) { return _mm512_castps_si512(f); }
  static NPO_HD Bits magnitude_bits(Floats f) {
    return _mm512_and_si512(bits(f), _mm512_set1_epi32(0x7fffffff));
  }
  static NPO_HD Bits larger(Bits a, Bits b) { return _mm512_max_epu32(a, b); }
  static NPO_HD bool all_within(Bits b, float limit) {
    return _mm512_cmpgt_epu32_mask(b, _mm512_set1_epi32(static_cast<int>(Scalar::as_u(limit)))) == 0;
  }
};
#endif

}  // namespace npo::lane

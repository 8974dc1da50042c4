#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/lane/annotations.hpp"

/// Lanes: one arithmetic vocabulary for a single float (the reference, and a CUDA thread), an AVX2 pack of 8
/// and an AVX-512 pack of 16. A functor written over a lane type `L` gives the same bits in each, because
/// every operation here is exact or correctly rounded.
///
///   L::F  float lanes        L::U  uint32 lanes       L::M  mask
///   L::T  table of 16 floats L::P  word of a counter-based generator (only its low 32 bits are certain)
///
/// Operators: F: + - * < <= ==; U: + - & | ^ << >> ==; M: & | !. The rest are static functions of L,
/// documented here. Host files are built with -ffp-contract=off, CUDA files with -fmad=false.
namespace npo::lane {

/// High and low word of a 32 x 32 bit product.
template <class P>
struct HiLo {
  P hi, lo;
};

/// One lane. The definition of what every other lane type must compute.
struct Scalar {
  using F = float;
  using U = std::uint32_t;
  using M = bool;
  using P = std::uint32_t;
  using T = const float*;
  static constexpr int width = 1;

  /// Memory. `_first` touches only the first n lanes; lanes past n load as 0.
  static NPO_HD F load(const float* p) { return *p; }
  static NPO_HD U load(const std::uint32_t* p) { return *p; }
  static NPO_HD F load_first(const float* p, int n) { return n > 0 ? *p : 0.0f; }
  static NPO_HD U load_first(const std::uint32_t* p, int n) { return n > 0 ? *p : 0u; }
  static NPO_HD void store(float* p, F a) { *p = a; }
  static NPO_HD void store(std::uint32_t* p, U a) { *p = a; }
  static NPO_HD void store_first(float* p, int n, F a) {
    if (n > 0) *p = a;
  }
  static NPO_HD void store_first(std::uint32_t* p, int n, U a) {
    if (n > 0) *p = a;
  }
  /// Writes the lanes of m and leaves the others.
  static NPO_HD void store_if(M m, std::uint32_t* p, U a) {
    if (m) *p = a;
  }
  /// base[i]; indices below 2^31.
  static NPO_HD F gather(const float* base, U i) { return base[i]; }
  static NPO_HD U gather(const std::uint32_t* base, U i) { return base[i]; }
  /// base[i] = a; no two lanes may name the same place.
  static NPO_HD void scatter(float* base, U i, F a) { base[i] = a; }
  static NPO_HD void scatter(std::uint32_t* base, U i, U a) { base[i] = a; }
  /// Where p[0], p[1], ... are not 0.
  static NPO_HD M not_zero(const std::uint64_t* p) { return *p != 0; }
  /// A table of 16 floats kept in registers where there are any; `lookup` uses the low 4 bits of i.
  static NPO_HD T table(const float* p) { return p; }
  static NPO_HD F lookup(T t, U i) { return t[i & 15u]; }
  /// The same of a table whose halves are equal.
  static NPO_HD F lookup8(T t, U i) { return t[i & 7u]; }
  /// 0, 1, 2, ... by lane.
  static NPO_HD U iota() { return 0u; }

  /// m ? a : b.
  static NPO_HD F select(M m, F a, F b) { return m ? a : b; }
  static NPO_HD U select(M m, U a, U b) { return m ? a : b; }
  /// m ? a + b : a; a float `a` is never -0.
  static NPO_HD F add_if(M m, F a, F b) { return m ? a + b : a; }
  static NPO_HD U add_if(M m, U a, U b) { return m ? a + b : a; }
  static NPO_HD bool any(M m) { return m; }
  static NPO_HD bool all(M m) { return m; }
  static NPO_HD int count(M m) { return m ? 1 : 0; }
  /// Bit i is lane i.
  static NPO_HD std::uint32_t bits(M m) { return m ? 1u : 0u; }
  /// The first n lanes.
  static NPO_HD M first(int n) { return n > 0; }

  /// a > b ? a : b and a < b ? a : b, so the second where either is NaN.
  static NPO_HD F max(F a, F b) { return a > b ? a : b; }
  static NPO_HD F min(F a, F b) { return a < b ? a : b; }
  static NPO_HD F abs(F a) { return as_f(as_u(a) & 0x7fffffffu); }
  static NPO_HD F negate(F a) { return as_f(as_u(a) ^ 0x80000000u); }
  /// max(a, |b|).
  static NPO_HD F max_abs(F a, F b) { return max(a, abs(b)); }
  static NPO_HD M is_nan(F a) { return a != a; }
  /// Signed conversions; `to_int` truncates and its argument lies within (-2^31, 2^31).
  static NPO_HD F to_float(U a) { return static_cast<float>(static_cast<std::int32_t>(a)); }
  static NPO_HD U to_int(F a) { return static_cast<std::uint32_t>(static_cast<std::int32_t>(a)); }
  static NPO_HD M signed_le(U a, U b) { return static_cast<std::int32_t>(a) <= static_cast<std::int32_t>(b); }
  static NPO_HD U shift_right_signed(U a, int n) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) >> n);
  }

  /// Generator words: `split` and `uniform` make them, `mul` multiplies by a plain word, `join` brings them
  /// back.
  static NPO_HD P split(U a) { return a; }
  static NPO_HD P uniform(std::uint32_t a) { return a; }
  static NPO_HD U join(P a) { return a; }
  static NPO_HD P xor2(P a, std::uint32_t c) { return a ^ c; }
  static NPO_HD P xor3(P a, P b, std::uint32_t c) { return a ^ b ^ c; }

#if defined(__CUDA_ARCH__)
  static NPO_HD F fma(F a, F b, F c) {
    return __fmaf_rn(a, b, c);
  }
  static NPO_HD F sqrt(F a) {
    return __fsqrt_rn(a);
  }
  static NPO_HD F div(F a, F b) {
    return __fdiv_rn(a, b);
  }
  static NPO_HD U as_u(F a) {
    return __float_as_uint(a);
  }
  static NPO_HD F as_f(U a) {
    return __uint_as_float(a);
  }
  static NPO_HD HiLo<P> mul(P a, std::uint32_t b) {
    return {__umulhi(a, b), a * b};
  }
#else
  /// a b + c with one rounding.
  static NPO_HD F fma(F a, F b, F c) {
    return __builtin_fmaf(a, b, c);
  }
  static NPO_HD F sqrt(F a) {
    return __builtin_sqrtf(a);
  }
  static NPO_HD F div(F a, F b) {
    return a / b;
  }
  /// Bit casts.
  static NPO_HD U as_u(F a) {
    U u;
    std::memcpy(&u, &a, 4);
    return u;
  }
  static NPO_HD F as_f(U a) {
    F f;
    std::memcpy(&f, &a, 4);
    return f;
  }
  static NPO_HD HiLo<P> mul(P a, std::uint32_t b) {
    const std::uint64_t p = std::uint64_t{a} * b;
    return {static_cast<P>(p >> 32), static_cast<P>(p)};
  }
#endif
  /// c - a b with one rounding.
  static NPO_HD F fnma(F a, F b, F c) {
    return fma(-a, b, c);
  }

  /// a = mantissa 2^exponent for positive normal a, mantissa in [1, 2).
  static NPO_HD F exponent(F a) {
    return to_float((as_u(a) >> 23) - 127u);
  }
  static NPO_HD F mantissa(F a) {
    return unit_float(as_u(a));
  }
  /// The low 23 bits as a float in [1, 2).
  static NPO_HD F unit_float(U a) {
    return as_f((a & 0x7fffffu) | 0x3f800000u);
  }
};

}  // namespace npo::lane

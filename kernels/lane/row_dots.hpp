#pragma once
#include "kernels/lane/avx2.hpp"
#include "kernels/lane/avx512.hpp"
#include "kernels/lane/memory.hpp"
#include "kernels/lane/scalar.hpp"

/// Dot products of row-major rows with one weight vector, with the same bits on every lane type.
///
/// The order is part of the numeric contract: row and weights are padded with zeros to a multiple of 16;
/// feature i goes into partial sum i mod 16 in ascending i, a multiplication at first, then fma; then the
/// fold s_j += s_{j+8}, s_{j+4}, s_{j+2}, s_{j+1}. A thread does it on 16 registers; a pack of rows by a
/// transposing add, where two shuffles and one add fold two registers of rows into one.
///
///   RowDots<L>::Sums              partial sums of one row
///   RowDots<L>::sums(x, dim, w)   of row x; w is padded, x is not read past dim; sums<true> asks for what
///                                 follows the row meanwhile
///   RowDots<L>::fold(sums)        L::width rows to one F
namespace npo::lane {

/// Partial sums that one row needs. Rows of exactly `Dim` features if Dim > 0, so that the loop unrolls.
template <class L, int Dim = 0>
struct RowDots;

template <int Dim>
struct RowDots<Scalar, Dim> {
  using Sums = float;

  /// `feature(i)` for i in [0, dim): a row in memory, or features that are transformed on their way.
  template <class Feature>
  static NPO_HD Sums sums_of(const Feature& feature, int dim, const float* w) {
    float s[16];
    NPO_UNROLL
    for (int j = 0; j < 16; ++j) s[j] = (j < dim ? feature(j) : 0.0f) * w[j];
    int i = 16;
    for (; i + 16 <= dim; i += 16) {
      NPO_UNROLL
      for (int j = 0; j < 16; ++j) s[j] = Scalar::fma(feature(i + j), w[i + j], s[j]);
    }
    if (i < dim) {
      NPO_UNROLL
      for (int j = 0; j < 16; ++j) s[j] = Scalar::fma(i + j < dim ? feature(i + j) : 0.0f, w[i + j], s[j]);
    }
    NPO_UNROLL
    for (int j = 0; j < 8; ++j) s[j] = s[j] + s[j + 8];
    NPO_UNROLL
    for (int j = 0; j < 4; ++j) s[j] = s[j] + s[j + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
  }
  template <bool Ahead = false>
  static NPO_HD Sums sums(const float* x, int dim, const float* w) {
    return sums_of([x](int i) { return x[i]; }, dim, w);
  }
  static NPO_HD float fold(const Sums* s) { return s[0]; }
};

#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
template <int Dim>
struct RowDots<Avx2, Dim> {
  using Sums = __m256;  ///< the fold by 8 is done

  template <bool Ahead = false>
  static NPO_HD Sums sums(const float* x, int given_dim, const float* w) {
    const int dim = Dim > 0 ? Dim : given_dim;
    if constexpr (Ahead) expect_line(row_ahead(x), 0);
    __m256 a = _mm256_mul_ps(some(x, dim), _mm256_loadu_ps(w));
    __m256 b = _mm256_mul_ps(some(x + 8, dim - 8), _mm256_loadu_ps(w + 8));
    int i = 16;
    for (; i + 16 <= dim; i += 16) {
      if constexpr (Ahead) expect_line(row_ahead(x + i), 0);
      a = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(w + i), a);
      b = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 8), _mm256_loadu_ps(w + i + 8), b);
    }
    if (i < dim) {
      a = _mm256_fmadd_ps(some(x + i, dim - i), _mm256_loadu_ps(w + i), a);
      b = _mm256_fmadd_ps(some(x + i + 8, dim - i - 8), _mm256_loadu_ps(w + i + 8), b);
    }
    return _mm256_add_ps(a, b);
  }
  static NPO_HD Avx2::F fold(const Sums* s) {
    const __m256 a = pairs(across(s[0], s[4]), across(s[1], s[5]));
    const __m256 b = pairs(across(s[2], s[6]), across(s[3], s[7]));
    return _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xdd));  // fold by 1
  }

 private:
  static NPO_HD __m256 some(const float* x, int n) {
    return n >= 8 ? _mm256_loadu_ps(x) : Avx2::load_first(x, n).v;
  }
  static NPO_HD __m256 across(__m256 a, __m256 b) {  // fold by 4
    return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
  }
  static NPO_HD __m256 pairs(__m256 x, __m256 y) {  // fold by 2
    const __m256d a = _mm256_castps_pd(x), b = _mm256_castps_pd(y);
    return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)),
                         _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
  }
};
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
template <int Dim>
struct RowDots<Avx512, Dim> {
  using Sums = __m512;

  template <bool Ahead = false>
  static NPO_HD Sums sums(const float* x, int given_dim, const float* w) {
    const int dim = Dim > 0 ? Dim : given_dim;
    if constexpr (Ahead) expect_line(row_ahead(x), 0);
    __m512 s =
        _mm512_mul_ps(dim >= 16 ? _mm512_loadu_ps(x) : Avx512::load_first(x, dim).v, _mm512_loadu_ps(w));
    int i = 16;
    for (; i + 16 <= dim; i += 16) {
      if constexpr (Ahead) expect_line(row_ahead(x + i), 0);
      s = _mm512_fmadd_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(w + i), s);
    }
    if (i < dim) s = _mm512_fmadd_ps(Avx512::load_first(x + i, dim - i).v, _mm512_loadu_ps(w + i), s);
    return s;
  }
  static NPO_HD Avx512::F fold(const Sums* s) {
    Fold fold;
    NPO_UNROLL
    for (int r = 0; r < 16; ++r) fold.add(r, s[r]);
    return fold.result();
  }

  /// The fold of rows that come one after the other, r = 0 to 15: of sixteen at most eight wait.
  class Fold {
   public:
    NPO_HD void add(int r, Sums sums) {
      __m512& half = halves_[r & 3];
      if ((r & 4) == 0) {
        row_[r & 3] = sums;
      } else if (r < 8) {
        half = halves(row_[r & 3], sums);
      } else {
        half = across(half, halves(row_[r & 3], sums));
      }
    }
    NPO_HD Avx512::F result() const {
      const __m512 a = pairs(halves_[0], halves_[1]), b = pairs(halves_[2], halves_[3]);
      return _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xdd));  // fold by 1
    }

   private:
    static NPO_HD __m512 halves(__m512 a, __m512 b) {  // fold by 8; a blend is cheaper than a shuffle
      return _mm512_add_ps(_mm512_mask_blend_ps(0xff00, a, b), _mm512_shuffle_f32x4(a, b, 0x4e));
    }
    static NPO_HD __m512 across(__m512 a, __m512 b) {  // fold by 4
      return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
    }
    static NPO_HD __m512 pairs(__m512 x, __m512 y) {  // fold by 2
      const __m512d a = _mm512_castps_pd(x), b = _mm512_castps_pd(y);
      return _mm512_add_ps(_mm512_castpd_ps(_mm512_mask_blend_pd(0xaa, a, b)),
                           _mm512_castpd_ps(_mm512_shuffle_pd(a, b, 0x55)));
    }

    __m512 row_[4], halves_[4];
  };
};
#endif

}  // namespace npo::lane

#pragma once
#include <cstddef>

#include "kernels/lane/avx512.hpp"
#include "kernels/lane/scalar.hpp"

/// Picks the feature columns that guardrails read out of row-major rows.
namespace npo::lane {

/// collect(x, dim, n, columns, count, out, stride): out[k * stride + r] = x[r * dim + columns[k]] for n rows,
/// of exactly `Dim` features if Dim > 0.
template <class L, int Dim = 0>
struct RuleColumns {
  static NPO_HD void collect(const float* x, int dim, int n, const std::uint32_t* columns, int count,
                             float* out, std::size_t stride) {
    for (int k = 0; k < count; ++k, out += stride) {
      const float* column = x + columns[k];
      for (int r = 0; r < n; ++r, column += dim) out[r] = *column;
    }
  }
};

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
/// Sixteen rows of up to 32 features: eight columns of a row are one permutation of its two registers, and
/// eight such pairs of rows are transposed.
template <int Dim>
struct RuleColumns<Avx512, Dim> {
  static NPO_HD void collect(const float* x, int given_dim, int n, const std::uint32_t* columns, int count,
                             float* out, std::size_t stride) {
    const int dim = Dim > 0 ? Dim : given_dim;
    if (dim > 32 || n < 16) {
      RuleColumns<void>::collect(x, dim, n, columns, count, out, stride);
      return;
    }
    for (int k = 0; k < count; k += 8, out += 8 * stride) {
      collect_eight(x, dim, columns + k, count - k < 8 ? count - k : 8, out, stride);
    }
  }

 private:
  static NPO_HD void collect_eight(const float* x, int dim, const std::uint32_t* columns, int count,
                                   float* out, std::size_t stride) {
    const auto present = static_cast<__mmask8>((1u << count) - 1u);
    const __m512i pick = _mm512_broadcast_i64x4(_mm256_maskz_loadu_epi32(present, columns));
    __m512 rows[8];
    for (int r = 0; r < 8; ++r) {
      const float* one = x + (r < 4 ? r : r + 4) * dim;  // rows 0-3 with 4-7, and 8-11 with 12-15
      rows[r] = _mm512_mask_mov_ps(picked(one, dim, pick), 0xff00, picked(one + 4 * dim, dim, pick));
    }
    __m512 quarters[8];  // columns k and k + 4 of eight rows by turns
    transpose_quarters(rows, quarters);
    transpose_quarters(rows + 4, quarters + 4);
    NPO_UNROLL
    for (int k = 0; k < 4; ++k) {
      const __m512 a = quarters[k], b = quarters[k + 4];
      float* column = out + static_cast<std::size_t>(k) * stride;
      if (k < count) _mm512_store_ps(column, _mm512_shuffle_f32x4(a, b, 0x88));
      if (k + 4 < count) _mm512_store_ps(column + 4 * stride, _mm512_shuffle_f32x4(a, b, 0xdd));
    }
  }
  /// The eight columns of one row, twice.
  static NPO_HD __m512 picked(const float* row, int dim, __m512i pick) {
    if constexpr (Dim == 32)
      return _mm512_permutex2var_ps(_mm512_loadu_ps(row), pick, _mm512_loadu_ps(row + 16));
    return _mm512_permutex2var_ps(Avx512::load_first(row, dim).v, pick,
                                  Avx512::load_first(row + 16, dim - 16).v);
  }
  /// Four rows by four columns within each quarter of the registers.
  static NPO_HD void transpose_quarters(const __m512* in, __m512* out) {
    const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(in[0], in[1]));
    const __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(in[0], in[1]));
    const __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(in[2], in[3]));
    const __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(in[2], in[3]));
    out[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    out[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    out[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    out[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
  }
};
#endif

}  // namespace npo::lane

#pragma once
#include <cstddef>

#include "kernels/lane/avx512.hpp"
#include "kernels/lane/scalar.hpp"

/// Picks the feature columns that guardrails read out of row-major rows.
namespace npo::lane {

/// collect(x, dim, n, columns, count, out, stride): out[k * stride + r] = x[r * dim + columns[k]] for n rows.
template <class L>
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
template <>
struct RuleColumns<Avx512> {
  static NPO_HD void collect(const float* x, int dim, int n, const std::uint32_t* columns, int count,
                             float* out, std::size_t stride) {
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
    const __m256i eight = Avx512_half(columns, count);
    const __m512i pick = _mm512_broadcast_i64x4(eight);
    const __mmask16 low = Avx512::first(dim).v, high = Avx512::first(dim - 16).v;
    __m512 t[8], u[8];
    NPO_UNROLL
    for (int r = 0; r < 8; ++r) {
      const int one = r < 4 ? r : r + 4;  // rows 0-3 with 4-7, and 8-11 with 12-15
      const float *a = x + one * dim, *b = a + 4 * dim;
      const __m512 p =
          _mm512_permutex2var_ps(_mm512_maskz_loadu_ps(low, a), pick, _mm512_maskz_loadu_ps(high, a + 16));
      const __m512 q =
          _mm512_permutex2var_ps(_mm512_maskz_loadu_ps(low, b), pick, _mm512_maskz_loadu_ps(high, b + 16));
      t[r] = _mm512_mask_mov_ps(p, 0xff00, q);
    }
    NPO_UNROLL
    for (int r = 0; r < 8; r += 4) {  // four by four within each quarter
      const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(t[r], t[r + 1]));
      const __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(t[r], t[r + 1]));
      const __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(t[r + 2], t[r + 3]));
      const __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(t[r + 2], t[r + 3]));
      u[r] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
      u[r + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
      u[r + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
      u[r + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
    }
    NPO_UNROLL
    for (int k = 0; k < 4; ++k) {
      if (k < count)
        _mm512_store_ps(out + static_cast<std::size_t>(k) * stride,
                        _mm512_shuffle_f32x4(u[k], u[k + 4], 0x88));
      if (k + 4 < count) {
        _mm512_store_ps(out + static_cast<std::size_t>(k + 4) * stride,
                        _mm512_shuffle_f32x4(u[k], u[k + 4], 0xdd));
      }
    }
  }
  static NPO_HD __m256i Avx512_half(const std::uint32_t* columns, int count) {
    return _mm256_maskz_loadu_epi32(static_cast<__mmask8>((1u << count) - 1u), columns);
  }
};
#endif

}  // namespace npo::lane

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
/// Up to eight columns of sixteen rows of up to 32 features: those of one row are one permutation of its two
/// registers, and eight pairs of rows are transposed.
class EightColumns {
 public:
  NPO_HD EightColumns(const std::uint32_t* columns, int count) : count_(count) {
    const auto present = static_cast<__mmask8>((1u << count) - 1u);
    pick_ = _mm512_broadcast_i64x4(_mm256_maskz_loadu_epi32(present, columns));
  }
  /// Takes row `r` by its features 0 to 15 and 16 to 31; the rows come in ascending order.
  NPO_HD void pick(int r, __m512 low, __m512 high) {
    const __m512 twice = _mm512_permutex2var_ps(low, pick_, high);
    __m512& pair = pairs_[(r & 3) | (r & 8) >> 1];  // rows 0-3 with 4-7, and 8-11 with 12-15
    pair = (r & 4) == 0 ? twice : _mm512_mask_mov_ps(pair, 0xff00, twice);
  }
  /// out[k * stride + r] = column k of row r.
  NPO_HD void store(float* out, std::size_t stride) const {
    __m512 quarters[8];  // columns k and k + 4 of eight rows by turns
    transpose_quarters(pairs_, quarters);
    transpose_quarters(pairs_ + 4, quarters + 4);
    NPO_UNROLL
    for (int k = 0; k < 4; ++k) {
      const __m512 a = quarters[k], b = quarters[k + 4];
      float* column = out + static_cast<std::size_t>(k) * stride;
      if (k < count_) _mm512_store_ps(column, _mm512_shuffle_f32x4(a, b, 0x88));
      if (k + 4 < count_) _mm512_store_ps(column + 4 * stride, _mm512_shuffle_f32x4(a, b, 0xdd));
    }
  }

 private:
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

  __m512i pick_;
  int count_;
  __m512 pairs_[8];
};

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
      EightColumns eight(columns + k, count - k < 8 ? count - k : 8);
      NPO_UNROLL
      for (int r = 0; r < 16; ++r) {
        const float* row = x + r * dim;
        eight.pick(r, part(row, dim), part(row + 16, dim - 16));
      }
      eight.store(out, stride);
    }
  }

 private:
  static NPO_HD __m512 part(const float* x, int n) {
    if constexpr (Dim == 32) return _mm512_loadu_ps(x);
    return Avx512::load_first(x, n).v;
  }
};
#endif

}  // namespace npo::lane

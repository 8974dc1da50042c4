#pragma once
#include "kernels/lane/row_dots.hpp"
#include "kernels/lane/rule_columns.hpp"

namespace npo::lane {

/// Where a pass over row-major rows finds what it needs and puts the columns that it picks:
/// out[k * stride + r] = row r of column columns[k].
struct PackPlan {
  const float* weights;  ///< padded to 16
  const std::uint32_t* columns;
  int column_count;
  float* out;
  std::size_t stride;
};

/// One pass over a pack of rows of exactly `Dim` features: gives their dot products and picks columns out of
/// them.
template <class L, int Dim>
struct PackPass {
  static NPO_HD typename L::F read(const float* x, const PackPlan& plan) {
    using Dots = RowDots<L, Dim>;
    typename Dots::Sums sums[L::width];
    NPO_UNROLL
    for (int r = 0; r < L::width; ++r) {
      sums[r] = Dots::sums(x + r * Dim, Dim, plan.weights);
      // Keeps the loads in address order: sinking them to their use in the fold costs half the bandwidth.
      asm volatile("" : "+v"(sums[r]));
    }
    RuleColumns<L, Dim>::collect(x, Dim, L::width, plan.columns, plan.column_count, plan.out, plan.stride);
    return Dots::fold(sums);
  }
};

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
/// Each row is loaded once for both.
template <>
struct PackPass<Avx512, 32> {
  static NPO_HD Avx512::F read(const float* x, const PackPlan& plan) {
    const __m512 low = _mm512_loadu_ps(plan.weights), high = _mm512_loadu_ps(plan.weights + 16);
    EightColumns first(plan.columns, plan.column_count < 8 ? plan.column_count : 8);
    __m512 sums[16];
    NPO_UNROLL
    for (int r = 0; r < 16; ++r) {
      const __m512 a = _mm512_loadu_ps(x + r * 32), b = _mm512_loadu_ps(x + r * 32 + 16);
      sums[r] = _mm512_fmadd_ps(b, high, _mm512_mul_ps(a, low));
      first.pick(r, a, b);
      asm volatile("" : "+v"(sums[r]));  // as above
    }
    first.store(plan.out, plan.stride);
    if (plan.column_count > 8) {
      RuleColumns<Avx512, 32>::collect(x, 32, 16, plan.columns + 8, plan.column_count - 8,
                                       plan.out + 8 * plan.stride, plan.stride);
    }
    return RowDots<Avx512, 32>::fold(sums);
  }
};
#endif

}  // namespace npo::lane

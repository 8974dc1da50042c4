#pragma once
#include <cstddef>

#include "kernels/lane/memory.hpp"
#include "kernels/lane/row_dots.hpp"
#include "kernels/lane/row_rules.hpp"

namespace npo::lane {

/// What one pass over a pack of row-major rows works with.
struct PackPlan {
  const float* weights;  ///< padded to 16
  const RuleGroup* groups;
  int group_count;      ///< at least 1
  std::uint64_t* mask;  ///< [L::width] the rows' hits
};

/// One pass over a pack of whole rows: gives their dot products, tests their guardrails and asks for memory.
/// It takes rows of exactly `Dim` features.
template <class L, int Dim>
struct PackPass {
  static NPO_HD bool takes(std::size_t dim) { return dim == Dim; }
  static NPO_HD typename L::F read(const float* x, int, const PackPlan& plan, ReadAhead& read_ahead) {
    using Dots = RowDots<L, Dim>;
    typename Dots::Sums sums[L::width];
    const std::uintptr_t ahead = read_ahead.take(L::width);
    NPO_UNROLL
    for (int r = 0; r < L::width; ++r) {
      expect_line(ahead, r);
      sums[r] = Dots::sums(x + r * Dim, Dim, plan.weights);
      // Keeps the loads in address order: sinking them to their use in the fold costs half the bandwidth.
      asm volatile("" : "+v"(sums[r]));
    }
    for (int r = 0; r < L::width; ++r) plan.mask[r] = 0;
    PackRules<L>::test(plan.groups, plan.group_count, x, Dim, L::width, plan.mask);
    return Dots::fold(sums);
  }
};

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
/// It takes rows of up to 32 features. Each row is loaded once for both, and folded as it comes so that all
/// of it stays in registers.
template <>
struct PackPass<Avx512, 32> {
  static NPO_HD bool takes(std::size_t dim) { return dim <= 32; }
  static NPO_HD Avx512::F read(const float* x, int dim, const PackPlan& plan, ReadAhead& read_ahead) {
    if (dim == 32) return read_rows(WholeRow{read_ahead.take(Avx512::width)}, x, 32, plan);
    if (dim > 16) return read_rows(PartRow<true>{Avx512::first(dim - 16).v}, x, dim, plan);
    return read_rows(PartRow<false>{Avx512::first(dim).v}, x, dim, plan);
  }

 private:
  /// Features 0 to 15 and 16 to 31 of a row. One load each, in its place, which the compiler neither repeats
  /// nor moves: see above.
  struct WholeRow {
    static constexpr bool two_registers = true;
    std::uintptr_t ahead;
    NPO_HD void expect(const float*, int r) const { expect_line(ahead, r); }
    NPO_HD __m512 low(const float* x) const { return load_here(x); }
    NPO_HD __m512 high(const float* x) const { return load_here(x + 16); }
  };
  /// The same of rows that end within the second register, or within the first.
  template <bool TwoRegisters>
  struct PartRow {
    static constexpr bool two_registers = TwoRegisters;
    __mmask16 last;
    NPO_HD void expect(const float* x, int) const { expect_line(row_ahead(x), 0); }
    NPO_HD __m512 low(const float* x) const {
      return TwoRegisters ? load_here(x) : _mm512_maskz_loadu_ps(last, x);
    }
    NPO_HD __m512 high(const float* x) const {
      return TwoRegisters ? _mm512_maskz_loadu_ps(last, x + 16) : _mm512_setzero_ps();
    }
  };

  template <class Row>
  static NPO_HD Avx512::F read_rows(const Row& row, const float* x, int dim, const PackPlan& plan) {
    const __m512 low = _mm512_loadu_ps(plan.weights);
    const __m512 high = Row::two_registers ? _mm512_loadu_ps(plan.weights + 16) : _mm512_setzero_ps();
    const RowRules<Avx512> rules(plan.groups[0]);
    RowDots<Avx512, 32>::Fold fold;
    NPO_UNROLL
    for (int r = 0; r < Avx512::width; ++r) {
      const __m512 a = row.low(x + r * dim), b = row.high(x + r * dim);
      row.expect(x + r * dim, r);
      const __m512 sums = _mm512_mul_ps(a, low);
      fold.add(r, Row::two_registers ? _mm512_fmadd_ps(b, high, sums) : sums);
      plan.mask[r] = rules.hits(a, b);
    }
    PackRules<Avx512>::test(plan.groups + 1, plan.group_count - 1, x, dim, Avx512::width, plan.mask);
    return fold.result();
  }

  static NPO_HD __m512 load_here(const float* x) {
    __m512 loaded;
    asm volatile("vmovups %1, %0" : "=v"(loaded) : "m"(*reinterpret_cast<const __m512_u*>(x)));
    return loaded;
  }
};
#endif

}  // namespace npo::lane

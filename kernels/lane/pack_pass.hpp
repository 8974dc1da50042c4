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

/// One pass over a pack of rows of exactly `Dim` features: gives their dot products, tests their guardrails
/// and asks for one line of memory a row.
template <class L, int Dim>
struct PackPass {
  static NPO_HD typename L::F read(const float* x, const PackPlan& plan, ReadAhead& read_ahead) {
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
/// Each row is loaded once for both, and folded as it comes so that all of it stays in registers.
template <>
struct PackPass<Avx512, 32> {
  static NPO_HD Avx512::F read(const float* x, const PackPlan& plan, ReadAhead& read_ahead) {
    const __m512 low = _mm512_loadu_ps(plan.weights), high = _mm512_loadu_ps(plan.weights + 16);
    const RowRules<Avx512> rules(plan.groups[0]);
    const std::uintptr_t ahead = read_ahead.take(Avx512::width);
    RowDots<Avx512, 32>::Fold fold;
    NPO_UNROLL
    for (int r = 0; r < Avx512::width; ++r) {
      const __m512 a = load_here(x + r * 32), b = load_here(x + r * 32 + 16);
      expect_line(ahead, r);
      fold.add(r, _mm512_fmadd_ps(b, high, _mm512_mul_ps(a, low)));
      plan.mask[r] = rules.hits(a, b);
    }
    PackRules<Avx512>::test(plan.groups + 1, plan.group_count - 1, x, 32, Avx512::width, plan.mask);
    return fold.result();
  }

 private:
  /// One load in its place, which the compiler neither repeats nor moves: see above.
  static NPO_HD __m512 load_here(const float* x) {
    __m512 loaded;
    asm volatile("vmovups %1, %0" : "=v"(loaded) : "m"(*reinterpret_cast<const __m512_u*>(x)));
    return loaded;
  }
};
#endif

}  // namespace npo::lane

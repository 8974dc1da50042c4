#pragma once
#include <cstdint>

#include "kernels/lane/avx2.hpp"
#include "kernels/lane/avx512.hpp"
#include "kernels/lane/scalar.hpp"

/// Guardrails over the features of a row. Lanes lie across rules, not across rows: the values that rules ask
/// for are picked out of a row while it is in registers, tested together, and leave as bits of a mask.
namespace npo::lane {

/// Up to sixteen interval rules: rule k hits iff (lo[k] <= x[column[k]] <= hi[k]) != bit k of `negated`. Its
/// bit in the mask is the k-th lowest of `bits`. Past `count` intervals are empty and columns 0.
struct alignas(64) RuleGroup {
  static constexpr int size = 16;
  float lo[size], hi[size];
  std::uint32_t column[size];
  std::uint64_t bits;
  std::uint32_t negated;
  int count;
};

template <class L>
NPO_HD typename L::M within(typename L::F lo, typename L::F x, typename L::F hi) {
  return (lo <= x) & (x <= hi);
}

/// Puts bit k of `hits` where the k-th lowest of `bits` is.
NPO_HD std::uint64_t spread(std::uint32_t hits, std::uint64_t bits) {
#if defined(__BMI2__) && !defined(__CUDACC__)
  return __builtin_ia32_pdep_di(hits, bits);
#else
  std::uint64_t mask = 0;
  for (; bits != 0; bits &= bits - 1, hits >>= 1)
    if ((hits & 1u) != 0) mask |= bits & (~bits + 1);
  return mask;
#endif
}

/// RowRules<L>(group): the group's rules over one row after the other; `hits` gives their bits of the mask.
template <class L>
class RowRules {
 public:
  NPO_HD explicit RowRules(const RuleGroup& group) : group_(group) {}
  NPO_HD std::uint64_t hits(const float* x) const {
    std::uint32_t hit = group_.negated;
    for (int k = 0; k < group_.count; ++k)
      hit ^= std::uint32_t{within<Scalar>(group_.lo[k], x[group_.column[k]], group_.hi[k])} << k;
    return spread(hit, group_.bits);
  }

 private:
  const RuleGroup& group_;
};

#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
template <>
class RowRules<Avx2> {
 public:
  NPO_HD explicit RowRules(const RuleGroup& group) : group_(group) {}
  NPO_HD std::uint64_t hits(const float* x) const {
    std::uint32_t hit = half(x, 0);
    if (group_.count > Avx2::width) hit |= half(x, Avx2::width) << Avx2::width;
    return spread(hit ^ group_.negated, group_.bits);
  }

 private:
  NPO_HD std::uint32_t half(const float* x, int first) const {
    const std::uint32_t* c = group_.column + first;
    // Eight loads: a gather takes longer, on some processors many times.
    const Avx2::F picked =
        _mm256_setr_ps(x[c[0]], x[c[1]], x[c[2]], x[c[3]], x[c[4]], x[c[5]], x[c[6]], x[c[7]]);
    return Avx2::bits(within<Avx2>(Avx2::load(group_.lo + first), picked, Avx2::load(group_.hi + first)));
  }

  const RuleGroup& group_;
};
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
/// Of rows of up to 32 features, whose picked values are one permutation of their two registers.
template <>
class RowRules<Avx512> {
 public:
  NPO_HD explicit RowRules(const RuleGroup& group)
      : lo_(Avx512::load(group.lo)),
        hi_(Avx512::load(group.hi)),
        column_(Avx512::load(group.column)),
        negated_(group.negated),
        bits_(group.bits) {}
  /// `low` and `high`: features 0 to 15 and 16 to 31.
  NPO_HD std::uint64_t hits(__m512 low, __m512 high) const {
    const Avx512::F picked = _mm512_permutex2var_ps(low, column_.v, high);
    return spread(Avx512::bits(within<Avx512>(lo_, picked, hi_)) ^ negated_, bits_);
  }

 private:
  Avx512::F lo_, hi_;
  Avx512::U column_;
  std::uint32_t negated_;
  std::uint64_t bits_;
};
#endif

/// All groups over a pack of rows.
template <class L>
struct PackRules {
  /// mask[r] |= the rules that row r hits, for `n` rows of `dim` features.
  static NPO_HD void test(const RuleGroup* groups, int count, const float* x, int dim, int n,
                          std::uint64_t* mask) {
    for (int g = 0; g < count; ++g) {
      const RowRules<L> rules(groups[g]);
      const float* row = x;
      for (int r = 0; r < n; ++r, row += dim) mask[r] |= rules.hits(row);
    }
  }
};

#if defined(__AVX512F__) && defined(__AVX512DQ__) && !defined(__CUDACC__)
template <>
struct PackRules<Avx512> {
  static NPO_HD void test(const RuleGroup* groups, int count, const float* x, int dim, int n,
                          std::uint64_t* mask) {
    if (dim > 32) {
      PackRules<Avx2>::test(groups, count, x, dim, n, mask);
      return;
    }
    for (int g = 0; g < count; ++g) {
      const RowRules<Avx512> rules(groups[g]);
      const float* row = x;
#pragma GCC unroll 1
      for (int r = 0; r < n; ++r, row += dim)
        mask[r] |= rules.hits(Avx512::load_first(row, dim).v, Avx512::load_first(row + 16, dim - 16).v);
    }
  }
};
#endif

}  // namespace npo::lane

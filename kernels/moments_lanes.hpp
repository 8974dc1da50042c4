#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/lane/moment_lanes.hpp"

/// The inner loop of Moments, by lane type.
namespace npo {

/// Factors of two that bring values and weights into [-1, 1] and [0, 1], and what their bits must not exceed.
struct MomentFactors {
  double value, weight;
  float value_limit, weight_limit;
};

/// Sums over one tile in units of 2^-50 of the bound, and whether all rows were within the scale (a weight of
/// -0 also counts as outside here).
struct MomentTile {
  std::int64_t w, ww, wx, wxx;
  bool fits;
};

inline constexpr double moment_unit = 0x1p50;  ///< units in 1
inline constexpr double round_magic =
    0x1.8p52;  ///< adding it rounds to an integer, which then sits in the low bits

/// `rows` <= 4096; `weights` may be null: all 1. `Scaled` is whether a factor is not 1: multiplying by 1
/// changes no bit, but takes time.
template <class L, bool Scaled>
NPO_HD MomentTile sum_tile(const float* values, const float* weights, std::size_t rows,
                           const MomentFactors& factors) {
  using M = lane::MomentLanes<L>;
  using D = typename M::D;
  using I = typename M::I;
  const D value_factor(factors.value), weight_factor(factors.weight), unit(moment_unit), magic(round_magic);
  I w_sum = M::zero(), ww_sum = M::zero(), wx_sum = M::zero(), wxx_sum = M::zero();
  typename M::Bits values_or = M::no_bits(), weights_or = M::no_bits();
  const std::size_t packs = (rows + M::width - 1) / M::width;
  const auto add_pack = [&](typename M::Floats x_pack, typename M::Floats w_pack) {
    values_or = M::larger(values_or, M::magnitude_bits(x_pack));
    weights_or = M::larger(weights_or, M::bits(w_pack));
    NPO_UNROLL
    for (int half = 0; half < M::halves; ++half) {
      D x = M::widen(x_pack, half), w = M::widen(w_pack, half);
      if constexpr (Scaled) {
        x = x * value_factor;
        w = w * weight_factor;
      }
      const D w_units = w * unit;      // exact
      const D wx_units = w_units * x;  // exact: two 24-bit factors
      w_sum = M::add_bits(w_sum, w_units + magic);
      ww_sum = M::add_bits(ww_sum, M::fma(w_units, w, magic));
      wx_sum = M::add_bits(wx_sum, wx_units + magic);
      wxx_sum = M::add_bits(wxx_sum, M::fma(wx_units, x, magic));
    }
  };
  std::size_t row = 0;
  for (; row + M::width <= rows; row += M::width)
    add_pack(M::load(values + row), weights ? M::load(weights + row) : M::all(1.0f));
  if (row < rows) {
    const int left = static_cast<int>(rows - row);
    add_pack(M::load_first(values + row, left),
             weights ? M::load_first(weights + row, left) : M::ones_first(left));
  }
  const auto items = static_cast<std::uint64_t>(packs) * M::width;
  return {M::total(w_sum, items), M::total(ww_sum, items), M::total(wx_sum, items), M::total(wxx_sum, items),
          M::all_within(values_or, factors.value_limit) && M::all_within(weights_or, factors.weight_limit)};
}

template <class L>
NPO_HD MomentTile moments_of_tile(const float* values, const float* weights, std::size_t rows,
                                  const MomentFactors& factors) {
  if (factors.value == 1.0 && factors.weight == 1.0)
    return sum_tile<L, false>(values, weights, rows, factors);
  return sum_tile<L, true>(values, weights, rows, factors);
}

/// The instances, one in each object that is compiled for its instruction set.
MomentTile moments_scalar(const float* values, const float* weights, std::size_t rows,
                          const MomentFactors& factors);
MomentTile moments_avx2(const float* values, const float* weights, std::size_t rows,
                        const MomentFactors& factors);
MomentTile moments_avx512(const float* values, const float* weights, std::size_t rows,
                          const MomentFactors& factors);

}  // namespace npo

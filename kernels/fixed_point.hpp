#pragma once
#include <cstdint>

/// Fixed point with 40 fraction bits, for posteriors that are discounted (spec section 4): integers, so that
/// the same order of events gives the same bits anywhere.
namespace npo {

inline constexpr int fixed_fraction_bits = 40;
inline constexpr std::int64_t fixed_one = std::int64_t{1} << fixed_fraction_bits;

/// A number in [0, 2^22) as fixed point, rounded to nearest.
inline std::int64_t to_fixed(double x) {
  return static_cast<std::int64_t>(x * static_cast<double>(fixed_one) + 0.5);
}
inline double from_fixed(std::int64_t x) {
  return static_cast<double>(x) / static_cast<double>(fixed_one);
}

/// a b for a, b >= 0, rounded to nearest, halves up.
inline std::int64_t multiply_fixed(std::int64_t a, std::int64_t b) {
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>((static_cast<Wide>(a) * b + (fixed_one >> 1)) >> fixed_fraction_bits);
}

}  // namespace npo

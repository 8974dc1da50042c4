#pragma once
#include <cstdint>

#include "kernels/lane/scalar.hpp"

/// Uniform numbers from random words. Every conversion is exact or rounds once, so all lane types agree.
namespace npo {

/// The open interval (0, 1): odd multiples of 2^-24, mean exactly 1/2, never 0 and never 1.
template <class L>
NPO_HD typename L::F uniform_open(typename L::U word) {
  using F = typename L::F;
  using U = typename L::U;
  return L::to_float((word >> 8) | U(1u)) * F(0x1p-24f);
}

/// The half-open interval (0, 1], 31 bits: 2^-32 is the least and 1 the greatest value, with floats as dense
/// as they come near 0. For logarithms of uniforms.
template <class L>
NPO_HD typename L::F uniform_dense(typename L::U word) {
  using F = typename L::F;
  return L::fma(L::to_float(word >> 1), F(0x1p-31f), F(0x1p-32f));
}

/// The open interval (0, 1) in double from two words: odd multiples of 2^-53.
NPO_HD double uniform_open64(std::uint32_t low, std::uint32_t high) {
  const std::uint64_t word = static_cast<std::uint64_t>(high) << 32 | low;
  return static_cast<double>((word >> 11) | 1u) * 0x1p-53;
}

/// An integer in [0, n) from one word, n > 0; the bias of a value is below n 2^-32.
NPO_HD std::uint32_t uniform_below(std::uint32_t word, std::uint32_t n) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(word) * n >> 32);
}

}  // namespace npo

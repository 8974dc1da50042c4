#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

namespace npo::test {

/// Distance of `got` from `want` in units in the last place of the type of `got` at `want`.
template <class T>
double ulps(T got, long double want) {
  if (std::isinf(got) || std::isinf(want)) {
    // A value that rounds to infinity lies within half a unit of the largest finite number's successor.
    const T rounded = static_cast<T>(want);
    return got == rounded ? 0.0 : std::numeric_limits<double>::infinity();
  }
  int exponent = 0;
  std::frexp(want, &exponent);
  const int last = std::max(exponent, std::numeric_limits<T>::min_exponent) - std::numeric_limits<T>::digits;
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / std::ldexp(1.0L, last));
}

}  // namespace npo::test

#include "kernels/simd_level.hpp"

namespace npo {

bool supports(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return true;
    case SimdLevel::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case SimdLevel::avx512:
      // Files for this level are compiled with -march=x86-64-v4, so every part of it must be there.
      return supports(SimdLevel::avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
  }
  return false;
}

SimdLevel widest_simd_level() {
  if (supports(SimdLevel::avx512)) return SimdLevel::avx512;
  return supports(SimdLevel::avx2) ? SimdLevel::avx2 : SimdLevel::scalar;
}

std::string_view name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return "scalar";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  return "unknown";
}

}  // namespace npo

#pragma once
#include <string_view>

namespace npo {

/// Lane types of the CPU driver. All give the same bits; they differ in speed only.
enum class SimdLevel { scalar, avx2, avx512 };

/// The widest level this machine and operating system support.
SimdLevel widest_simd_level();

/// Whether this machine can run `level`.
bool supports(SimdLevel level);

/// "scalar", "avx2" or "avx512".
std::string_view name_of(SimdLevel level);

}  // namespace npo

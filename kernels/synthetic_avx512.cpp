#include "kernels/lane/avx512.hpp"
#include "kernels/synthetic_lanes.hpp"

namespace npo {

void make_synthetic_avx512(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                           const SyntheticColumns& out) {
  make_synthetic_lanes<lane::Avx512>(plan, first, night, out);
}

}  // namespace npo

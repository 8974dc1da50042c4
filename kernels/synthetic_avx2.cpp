#include "kernels/lane/avx2.hpp"
#include "kernels/synthetic_lanes.hpp"

namespace npo {

void make_synthetic_avx2(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                         const SyntheticColumns& out) {
  make_synthetic_lanes<lane::Avx2>(plan, first, night, out);
}

}  // namespace npo

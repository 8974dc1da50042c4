#include "kernels/lane/scalar.hpp"
#include "kernels/synthetic_lanes.hpp"

namespace npo {

void make_synthetic_scalar(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                           const SyntheticColumns& out) {
  make_synthetic_lanes<lane::Scalar>(plan, first, night, out);
}

}  // namespace npo

#include "kernels/moments_lanes.hpp"

namespace npo {

MomentTile moments_avx2(const float* values, const float* weights, std::size_t rows,
                        const MomentFactors& factors) {
  return moments_of_tile<lane::Avx2>(values, weights, rows, factors);
}

}  // namespace npo

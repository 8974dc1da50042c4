#include "kernels/moments_lanes.hpp"

namespace npo {

MomentTile moments_scalar(const float* values, const float* weights, std::size_t rows,
                          const MomentFactors& factors) {
  return moments_of_tile<lane::Scalar>(values, weights, rows, factors);
}

}  // namespace npo

#include "kernels/bootstrap_lanes.hpp"
#include "kernels/lane/scalar.hpp"

namespace npo {

void bootstrap_scalar(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                      std::size_t count, const BootstrapTotals& out) {
  bootstrap_tiles<lane::Scalar>(seed, first_block, tiles, count, out);
}

}  // namespace npo

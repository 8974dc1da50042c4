#include "kernels/bootstrap_lanes.hpp"
#include "kernels/lane/avx2.hpp"

namespace npo {

void bootstrap_avx2(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                    std::size_t count, const BootstrapTotals& out) {
  bootstrap_tiles<lane::Avx2>(seed, first_block, tiles, count, out);
}

}  // namespace npo

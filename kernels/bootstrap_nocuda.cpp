#include "kernels/bootstrap_tile.hpp"
#include "kernels/device.hpp"

namespace npo {

void bootstrap_cuda(std::uint64_t, std::span<const BootstrapTileView>, const BootstrapTotals&, std::size_t,
                    int device) {
  require_device(device);
}

}  // namespace npo

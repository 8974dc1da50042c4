#include "kernels/device.hpp"
#include "kernels/thompson.hpp"

namespace npo {

void draw_arms_cuda(std::span<const float>, std::span<const float>, int, std::uint64_t,
                    std::span<const std::uint64_t>, std::uint32_t, std::span<std::uint8_t>, int device) {
  require_device(device);
}

void draw_row_arms_cuda(const RowArmDraws&, std::span<std::uint8_t>, int device) {
  require_device(device);
}

}  // namespace npo

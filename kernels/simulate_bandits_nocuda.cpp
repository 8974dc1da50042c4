#include "kernels/device.hpp"
#include "kernels/study_run.hpp"

namespace npo {

void simulate_bandits_cuda(const BanditPoint&, StudySeed, ReplicateRange, std::span<const std::uint32_t>,
                           int device, StudyBlock&) {
  require_device(device);
}

}  // namespace npo

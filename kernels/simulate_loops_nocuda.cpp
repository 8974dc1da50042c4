#include "kernels/device.hpp"
#include "kernels/study_run.hpp"

namespace npo {

void simulate_loops_cuda(const LoopPoint&, StudySeed, ReplicateRange, std::span<const std::uint32_t>,
                         int device, StudyBlock&) {
  require_device(device);
}

}  // namespace npo

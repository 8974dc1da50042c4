#include "kernels/lane/avx2.hpp"
#include "kernels/simulate_loops_lane.hpp"

namespace npo {

void simulate_loops_avx2(const LoopWork& work) {
  simulate_loops_with<lane::Avx2>(work);
}

}  // namespace npo

#include "kernels/lane/avx512.hpp"
#include "kernels/simulate_loops_lane.hpp"

namespace npo {

void simulate_loops_avx512(const LoopWork& work) {
  simulate_loops_with<lane::Avx512>(work);
}

}  // namespace npo

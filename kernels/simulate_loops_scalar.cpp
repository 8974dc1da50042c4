#include "kernels/lane/scalar.hpp"
#include "kernels/simulate_loops_lane.hpp"

namespace npo {

void simulate_loops_scalar(const LoopWork& work) {
  simulate_loops_with<lane::Scalar>(work);
}

}  // namespace npo

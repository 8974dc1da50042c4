#include "kernels/draw_arms_lane.hpp"
#include "kernels/lane/avx2.hpp"

namespace npo {

void draw_arms_avx2(const ArmDrawRows& draws) {
  draw_arms_with<lane::Avx2>(draws);
}

}  // namespace npo

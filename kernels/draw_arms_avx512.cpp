#include "kernels/draw_arms_lane.hpp"
#include "kernels/lane/avx512.hpp"

namespace npo {

void draw_arms_avx512(const ArmDrawRows& draws) {
  draw_arms_with<lane::Avx512>(draws);
}

}  // namespace npo

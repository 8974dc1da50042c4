#include "kernels/draw_arms_lane.hpp"

namespace npo {

void draw_arms_scalar(const ArmDrawRows& draws) {
  draw_arms_with<lane::Scalar>(draws);
}

}  // namespace npo

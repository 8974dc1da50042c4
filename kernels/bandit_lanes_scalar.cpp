#include "kernels/bandit_lanes.hpp"

namespace npo {

void run_bandits_scalar(const BanditPlan& plan, const BanditPack& pack) {
  run_bandits_with<lane::Scalar>(plan, pack);
}

}  // namespace npo

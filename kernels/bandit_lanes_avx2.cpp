#include "kernels/bandit_lanes.hpp"
#include "kernels/lane/avx2.hpp"

namespace npo {

void run_bandits_avx2(const BanditPlan& plan, const BanditPack& pack) {
  run_bandits_with<lane::Avx2>(plan, pack);
}

}  // namespace npo

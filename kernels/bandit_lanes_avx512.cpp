#include "kernels/bandit_lanes.hpp"
#include "kernels/lane/avx512.hpp"

namespace npo {

void run_bandits_avx512(const BanditPlan& plan, const BanditPack& pack) {
  run_bandits_with<lane::Avx512>(plan, pack);
}

}  // namespace npo

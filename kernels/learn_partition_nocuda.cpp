#include "kernels/error.hpp"
#include "kernels/learn_partition.hpp"

namespace npo {

LearnCounts learn_partition_cuda(const ScoreUpdatePlan&, const LearnPartition&, const LearnTallies&, int) {
  throw Error(ErrorKind::device, "this npo was built without CUDA",
              "use --device cpu, or build with the cuda preset");
}

}  // namespace npo

#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/score_batch.hpp"
#include "kernels/score_lanes.hpp"
#include "kernels/score_tables.hpp"

namespace npo {

ScoreResult score_batch_cpu(const ScorePlan& plan, const RowInputs& in, const RowOutputs& out,
                            SimdLevel level) {
  if (!supports(level)) {
    throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)),
                "use --simd auto");
  }
  const PreparedScore prepared(plan);
  const RowColumns rows = columns_of(plan, in, out);
  std::vector<float> transformed_rows;
  if (prepared.tables().transforms != nullptr) transformed_rows.resize(16 * plan.model.weights.size());

  const auto score_lanes = level == SimdLevel::avx512 ? score_lanes_avx512
                           : level == SimdLevel::avx2 ? score_lanes_avx2
                                                      : score_lanes_scalar;
  const std::size_t first_bad = score_lanes(prepared.tables(), rows, transformed_rows.data());
  return {plan.guardrails.block_non_finite ? rows.rows : first_bad};
}

}  // namespace npo

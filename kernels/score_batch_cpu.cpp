#include "kernels/score_batch.hpp"

#include <memory>
#include <string>

#include "kernels/error.hpp"
#include "kernels/score_lanes.hpp"

namespace npo {

ScoreResult score_batch_cpu(const PreparedScore& score, const RowInputs& in, const RowOutputs& out,
                            SimdLevel level) {
  if (!supports(level)) {
    throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)),
                "use --simd auto");
  }
  const ScoreTables& tables = score.tables();
  const RowColumns rows = columns_of(tables, in, out);
  std::unique_ptr<float[]> transformed_rows;
  if (tables.transforms != nullptr)
    transformed_rows = std::make_unique_for_overwrite<float[]>(16 * static_cast<std::size_t>(tables.dim));

  const auto score_lanes = level == SimdLevel::avx512 ? score_lanes_avx512
                           : level == SimdLevel::avx2 ? score_lanes_avx2
                                                      : score_lanes_scalar;
  const std::size_t first_bad = score_lanes(tables, rows, transformed_rows.get());
  return {tables.block_non_finite ? rows.rows : first_bad};
}

}  // namespace npo

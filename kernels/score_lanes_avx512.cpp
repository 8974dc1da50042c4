#include "kernels/lane/avx512.hpp"
#include "kernels/score_lanes.hpp"

namespace npo {

std::size_t score_lanes_avx512(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows) {
  return ScoreLanes<lane::Avx512>(tables, rows, transformed_rows)();
}

}  // namespace npo

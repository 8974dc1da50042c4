#include "kernels/lane/avx2.hpp"
#include "kernels/score_lanes.hpp"

namespace npo {

std::size_t score_lanes_avx2(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows) {
  return ScoreLanes<lane::Avx2>(tables, rows, transformed_rows)();
}

}  // namespace npo

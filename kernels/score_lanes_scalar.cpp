#include "kernels/lane/scalar.hpp"
#include "kernels/score_lanes.hpp"

namespace npo {

std::size_t score_lanes_scalar(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows) {
  return ScoreLanes<lane::Scalar>(tables, rows, transformed_rows)();
}

}  // namespace npo

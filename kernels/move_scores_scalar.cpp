#include "kernels/lane/scalar.hpp"
#include "kernels/move_scores_lane.hpp"

namespace npo {

void move_scores_scalar(const ScoreUpdatePlan& plan, const ScoreMoves& moves) {
  move_scores_with<lane::Scalar>(plan, moves);
}

void move_scores(const ScoreUpdatePlan& plan, const ScoreMoves& moves, SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return move_scores_scalar(plan, moves);
    case SimdLevel::avx2:
      return move_scores_avx2(plan, moves);
    case SimdLevel::avx512:
      return move_scores_avx512(plan, moves);
  }
}

}  // namespace npo

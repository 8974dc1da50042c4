#include "kernels/lane/avx512.hpp"
#include "kernels/move_scores_lane.hpp"

namespace npo {

void move_scores_avx512(const ScoreUpdatePlan& plan, const ScoreMoves& moves) {
  move_scores_with<lane::Avx512>(plan, moves);
}

}  // namespace npo

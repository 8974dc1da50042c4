#include "kernels/lane/avx2.hpp"
#include "kernels/move_scores_lane.hpp"

namespace npo {

void move_scores_avx2(const ScoreUpdatePlan& plan, const ScoreMoves& moves) {
  move_scores_with<lane::Avx2>(plan, moves);
}

}  // namespace npo

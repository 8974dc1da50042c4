#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/learn_events.hpp"
#include "kernels/simd_level.hpp"

/// Moving many scores by their answers, several scenarios at a time.
namespace npo {

/// Moves by scenario: scenario `scenario[i]` is moved by `base`, `target` and `round`
/// (kernels/running_score.hpp) of places first[i] .. first[i + 1], in this order. Plain pointers, because
/// lane objects share no inline code.
struct ScoreMoves {
  const std::uint32_t* scenario;  ///< [count]
  const std::uint32_t* first;     ///< [count + 1]
  std::size_t count;              ///< scenarios that are moved
  const float* base;              ///< [moves]
  float* target;                  ///< [moves]; becomes y - R before the move, 0 for an answer taken back
  const std::uint32_t* round;     ///< [moves]
  ScenarioState* states;          ///< by scenario, updated
};

/// The same bits for every level.
void move_scores(const ScoreUpdatePlan& plan, const ScoreMoves& moves, SimdLevel level);

void move_scores_scalar(const ScoreUpdatePlan& plan, const ScoreMoves& moves);
void move_scores_avx2(const ScoreUpdatePlan& plan, const ScoreMoves& moves);
void move_scores_avx512(const ScoreUpdatePlan& plan, const ScoreMoves& moves);

}  // namespace npo

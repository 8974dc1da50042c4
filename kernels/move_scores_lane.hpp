#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/move_scores.hpp"
#include "kernels/running_score.hpp"

/// The loop of move_scores over the lanes of L.
namespace npo {

/// The scores of up to L::width scenarios, between memory and lanes.
template <class L>
class ScoreLanes {
 public:
  using F = typename L::F;
  using U = typename L::U;

  NPO_HD ScoreLanes(const ScoreMoves& moves, std::size_t first_scenario) : moves_(moves) {
    const std::size_t left = moves.count - first_scenario;
    count_ = left < L::width ? static_cast<int>(left) : L::width;
    scenario_ = moves.scenario + first_scenario;
    const std::uint32_t* first = moves.first + first_scenario;
    for (int lane = 0; lane < L::width; ++lane) {
      const int i = used(lane);
      first_[lane] = first[i];
      length_[lane] = lane < count_ ? first[i + 1] - first[i] : 0u;
      longest_ = longest_ < length_[lane] ? length_[lane] : longest_;
    }
  }

  NPO_HD void move_all(const ScoreUpdatePlan& plan) {
    RunningScore<L> scores = load();
    const U first = L::load(first_), length = L::load(length_), one(1u);
    U step(0u);
    for (std::uint32_t k = 0; k < longest_; ++k, step = step + one) {
      const auto active = L::signed_le(step + one, length);
      const U place = first + L::select(active, step, U(0u));
      const ScoreMove<L> move{L::gather(moves_.base, place),
                              L::gather(static_cast<const float*>(moves_.target), place),
                              L::gather(moves_.round, place)};
      const auto learned = active & (L::as_u(move.target) >> 31 == U(0u));
      const F error = scores.move(plan, move, active);
      store_errors(k, L::select(learned, error, F(0.0f)));
    }
    scores.work_out_correction();
    store(scores);
  }

 private:
  NPO_HD RunningScore<L> load() {
    alignas(64) float score[L::width], correction[L::width];
    alignas(64) std::uint32_t updates[L::width], steps[L::width], round[L::width];
    for (int lane = 0; lane < L::width; ++lane) {
      const ScenarioState& state = moves_.states[scenario_[used(lane)]];
      score[lane] = state.score;
      correction[lane] = state.correction;
      updates[lane] = state.updates;
      steps[lane] = state.steps;
      round[lane] = state.round;
    }
    return {L::load(score), L::load(correction), L::load(updates), L::load(steps), L::load(round)};
  }

  NPO_HD void store(const RunningScore<L>& scores) {
    alignas(64) float score[L::width], correction[L::width];
    alignas(64) std::uint32_t updates[L::width], steps[L::width], round[L::width];
    L::store(score, scores.score);
    L::store(correction, scores.correction);
    L::store(updates, scores.updates);
    L::store(steps, scores.steps);
    L::store(round, scores.round);
    for (int lane = 0; lane < count_; ++lane)
      moves_.states[scenario_[lane]] = {score[lane], correction[lane], updates[lane], steps[lane],
                                        round[lane]};
  }

  NPO_HD void store_errors(std::uint32_t k, F errors) {
    alignas(64) float error[L::width];
    L::store(error, errors);
    for (int lane = 0; lane < count_; ++lane)
      if (k < length_[lane]) moves_.target[first_[lane] + k] = error[lane];
  }

  /// The scenario a lane stands for; lanes past the last one repeat it and move nothing.
  NPO_HD int used(int lane) const { return lane < count_ ? lane : count_ - 1; }

  const ScoreMoves& moves_;
  const std::uint32_t* scenario_;
  int count_;
  std::uint32_t longest_ = 0;
  alignas(64) std::uint32_t first_[L::width], length_[L::width];
};

template <class L>
void move_scores_with(const ScoreUpdatePlan& plan, const ScoreMoves& moves) {
  for (std::size_t i = 0; i < moves.count; i += L::width) ScoreLanes<L>(moves, i).move_all(plan);
}

}  // namespace npo

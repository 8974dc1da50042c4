#include <vector>

#include "kernels/event_order.hpp"
#include "kernels/learn_partition.hpp"
#include "kernels/move_scores.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

struct PlainAdd {
  static void to(std::int64_t* cell, std::int64_t amount) { *cell += amount; }
};

/// The moves of all scenarios, in order.
struct MoveList {
  std::vector<std::uint32_t> scenario, first, round;
  std::vector<float> base, target;

  explicit MoveList(std::size_t events) {
    round.reserve(events);
    base.reserve(events);
    target.reserve(events);
  }
  void add(const ScoreMove<lane::Scalar>& move) {
    base.push_back(move.base);
    target.push_back(move.target);
    round.push_back(move.round);
  }
  /// Says that the moves added since the last call are those of scenario `s`.
  void close(std::uint32_t s, std::size_t begin) {
    if (base.size() == begin) return;
    scenario.push_back(s);
    first.push_back(static_cast<std::uint32_t>(begin));
  }
};

/// What the events do to ledger and tallies. Scores do not enter here, so this comes first for all scenarios.
MoveList apply_to_ledger(const FeedbackLedger<PlainAdd>& ledger, const EventOrder& events,
                         LearnCounts& counts) {
  MoveList moves(events.order.size());
  for (std::uint32_t s = 0; s + 1 < events.first.size(); ++s) {
    const std::size_t begin = moves.base.size();
    const ScenarioState& before = ledger.partition.scenarios[s];
    ScoreMove<lane::Scalar> move;
    for (std::uint32_t i = events.first[s]; i < events.first[s + 1]; ++i)
      if (ledger.apply(events.order[i], before, move, counts)) moves.add(move);
    moves.close(s, begin);
  }
  moves.first.push_back(static_cast<std::uint32_t>(moves.base.size()));
  return moves;
}

}  // namespace

LearnCounts learn_partition_cpu(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                const LearnTallies& tallies, SimdLevel level) {
  const PartitionView view{
      partition.events.data(), partition.scenarios.data(),
      partition.ledger.data(), partition.outcome.empty() ? nullptr : partition.outcome.data(),
      tallies.answers.data(),  tallies.successes.data(),
      tallies.failures.data(), tallies.arms};
  LearnCounts counts, total;
  MoveList moves = apply_to_ledger({plan, view}, order_events(partition), counts);
  move_scores(plan,
              {moves.scenario.data(), moves.first.data(), moves.scenario.size(), moves.base.data(),
               moves.target.data(), moves.round.data(), partition.scenarios.data()},
              level);
  for (const float error : moves.target) add_squared_error(error, counts);
  add_counts(total, counts);
  return total;
}

}  // namespace npo

#include <algorithm>
#include <vector>

#include "kernels/event_order.hpp"
#include "kernels/learn_partition.hpp"
#include "kernels/move_scores.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

constexpr std::uint32_t prefetch_distance = 8;  // events; the tallies of many fleets do not fit a cache

struct PlainAdd {
  static void to(std::int64_t* cell, std::int64_t amount) { *cell += amount; }
  static void to_if(bool condition, std::int64_t* cell, std::int64_t amount) {
    *cell += condition ? amount : 0;
  }
};

/// The moves of all scenarios, in order.
struct MoveList {
  std::vector<std::uint32_t> scenario, first;  ///< scenarios that move, and the first move of each
  std::vector<std::uint32_t> round;
  std::vector<float> base, target;
};

/// What the events do to ledger and tallies. Scores do not enter here, so this comes first for all scenarios.
MoveList apply_to_ledger(const FeedbackLedger<PlainAdd>& ledger, const EventOrder& events,
                         LearnCounts& counts) {
  // A place more than there are events: the last event may be written without being a move.
  const std::size_t places = events.order.size() + 1;
  MoveList moves{
      {}, {}, std::vector<std::uint32_t>(places), std::vector<float>(places), std::vector<float>(places)};
  const PartitionView& view = ledger.partition;
  const auto last = static_cast<std::uint32_t>(events.order.size()) - 1;
  std::uint32_t count = 0;
  for (std::uint32_t s = 0; s + 1 < events.first.size(); ++s) {
    const std::uint32_t begin = count;
    const ScenarioState& before = view.scenarios[s];
    for (std::uint32_t i = events.first[s]; i < events.first[s + 1]; ++i) {
      const LearnEvent& soon = view.events[events.order[std::min(i + prefetch_distance, last)]];
      __builtin_prefetch(view.answers + ledger.answers_place(soon), 1);
      ScoreMove<lane::Scalar> move{};
      const bool moved = ledger.apply(events.order[i], before, move, counts);
      moves.base[count] = move.base;
      moves.target[count] = move.target;
      moves.round[count] = move.round;
      count += moved;
    }
    if (count == begin) continue;
    moves.scenario.push_back(s);
    moves.first.push_back(begin);
  }
  moves.first.push_back(count);
  moves.target.resize(count);
  return moves;
}

}  // namespace

LearnCounts learn_partition_cpu(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                const LearnTallies& tallies, SimdLevel level) {
  const PartitionView view{partition.events.data(),
                           partition.scenarios.data(),
                           partition.ledger.data(),
                           partition.outcome.empty() ? nullptr : partition.outcome.data(),
                           tallies.answers.data(),
                           tallies.retracted.data(),
                           tallies.successes.data(),
                           tallies.failures.data(),
                           tallies.arms};
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

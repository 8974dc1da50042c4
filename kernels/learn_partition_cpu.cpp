#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "kernels/learn_partition.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

struct PlainAdd {
  static void to(std::int64_t* cell, std::int64_t amount) { *cell += amount; }
};

/// first[s] .. first[s + 1] are the places of scenario s in the order.
std::vector<std::uint32_t> scenario_starts(const LearnPartition& partition) {
  std::vector<std::uint32_t> first(partition.scenarios.size() + 1, 0);
  for (const LearnEvent& event : partition.events) ++first[event.scenario + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  return first;
}

/// Indices of the events grouped by scenario, by a counting sort.
std::vector<std::uint32_t> group_by_scenario(const LearnPartition& partition,
                                             const std::vector<std::uint32_t>& first) {
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1), order(partition.events.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[next[partition.events[i].scenario]++] = i;
  return order;
}

/// Whether event a comes before event b of the same scenario.
class Earlier {
 public:
  explicit Earlier(const LearnPartition& partition) : partition_(partition) {}
  bool operator()(std::uint32_t a, std::uint32_t b) const {
    if (partition_.time[a] != partition_.time[b]) return partition_.time[a] < partition_.time[b];
    return tie(a) < tie(b);
  }

 private:
  std::tuple<std::uint64_t, std::uint32_t, FeedbackKind> tie(std::uint32_t i) const {
    return {partition_.event_id[i], partition_.events[i].ledger, partition_.events[i].kind};
  }
  const LearnPartition& partition_;
};

}  // namespace

LearnCounts learn_partition_cpu(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                const LearnTallies& tallies) {
  const std::vector<std::uint32_t> first = scenario_starts(partition);
  std::vector<std::uint32_t> order = group_by_scenario(partition, first);
  const PartitionView view{partition.events.data(),
                           order.data(),
                           partition.scenarios.data(),
                           partition.ledger.data(),
                           partition.outcome.empty() ? nullptr : partition.outcome.data(),
                           tallies.answers.data(),
                           tallies.successes.data(),
                           tallies.failures.data(),
                           tallies.arms};
  const ScoreUpdater<PlainAdd> update_score{plan, view};
  const Earlier earlier(partition);
  LearnCounts total;
  for (std::uint32_t s = 0; s < partition.scenarios.size(); ++s) {
    if (first[s] == first[s + 1]) continue;
    if (first[s] + 1 < first[s + 1])
      std::sort(order.begin() + first[s], order.begin() + first[s + 1], earlier);
    add_counts(total, update_score(s, first[s], first[s + 1]));
  }
  return total;
}

}  // namespace npo

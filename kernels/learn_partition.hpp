#pragma once
#include <cstdint>
#include <span>

#include "kernels/learn_events.hpp"
#include "kernels/simd_level.hpp"
#include "kernels/vocabulary.hpp"

/// Learning from the events of a partition of scenarios (kernels/update_score.hpp), on the CPU and on a GPU.
namespace npo {

/// A partition: its events in any order, and what they change. Event i has `events[i]`, `time[i]` and
/// `event_id[i]`; events are applied in the order of (scenario, time, event id), ties by ledger cell and then
/// kind, which leaves only identical events undecided. The number of events is below 2^31.
struct LearnPartition {
  std::span<const LearnEvent> events;
  std::span<const UnixSeconds> time;
  std::span<const std::uint64_t> event_id;
  std::span<ScenarioState> scenarios;  ///< updated in place
  std::span<std::uint8_t> ledger;      ///< updated in place
  std::span<std::uint8_t> outcome;     ///< [events] what became of each (kernels/update_score.hpp), or empty
};

/// Applies the events on this thread and adds to `tallies`. The same bits for any level, any order of the
/// events and any cut of the scenarios into partitions.
LearnCounts learn_partition_cpu(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                const LearnTallies& tallies, SimdLevel level);

/// The same on CUDA device `device`, bit for bit; Error(device) where CUDA is not built in or fails.
LearnCounts learn_partition_cuda(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                 const LearnTallies& tallies, int device);

/// a += b; the low part of the squared error comes back in [0, 2^32).
void add_counts(LearnCounts& a, const LearnCounts& b);

}  // namespace npo

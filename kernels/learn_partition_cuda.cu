#include <cub/device/device_radix_sort.cuh>
#include <utility>

#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"
#include "kernels/learn_partition.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 256;

struct AtomicAdd {
  static __device__ void to(std::int64_t* cell, std::int64_t amount) {
    atomicAdd(reinterpret_cast<unsigned long long*>(cell), static_cast<unsigned long long>(amount));
  }
  static __device__ void to_if(bool condition, std::int64_t* cell, std::int64_t amount) {
    if (condition) to(cell, amount);
  }
};

/// The words of an event's place in the order, the least important first, as numbers that compare alike.
enum class KeyWord { kind, ledger, event_id_low, event_id_high, time_low, time_high, scenario };

__device__ std::uint32_t key_word(KeyWord word, const LearnEvent& event, UnixSeconds time,
                                  std::uint64_t event_id) {
  switch (word) {
    case KeyWord::kind:
      return static_cast<std::uint32_t>(event.kind);
    case KeyWord::ledger:
      return event.ledger;
    case KeyWord::event_id_low:
      return static_cast<std::uint32_t>(event_id);
    case KeyWord::event_id_high:
      return static_cast<std::uint32_t>(event_id >> 32);
    case KeyWord::time_low:
      return static_cast<std::uint32_t>(time);
    case KeyWord::time_high:
      return static_cast<std::uint32_t>(time >> 32) ^ 0x80000000u;
    case KeyWord::scenario:
      return event.scenario;
  }
  return 0;
}

/// The key word of event order[i] becomes keys[i].
__global__ void gather_keys(KeyWord word, const LearnEvent* events, const UnixSeconds* time,
                            const std::uint64_t* event_id, const std::uint32_t* order, std::uint32_t count,
                            std::uint32_t* keys) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) keys[i] = key_word(word, events[order[i]], time[order[i]], event_id[order[i]]);
}

__global__ void number_events(std::uint32_t* order, std::uint32_t events) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < events) order[i] = i;
}

/// first[s] and last[s] become the places of scenario s in the order; scenarios without events keep 0, 0.
__global__ void find_scenarios(const LearnEvent* events, const std::uint32_t* order, std::uint32_t count,
                               std::uint32_t* first, std::uint32_t* last) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const std::uint32_t scenario = events[order[i]].scenario;
  if (i == 0 || events[order[i - 1]].scenario != scenario) first[scenario] = i;
  if (i + 1 == count || events[order[i + 1]].scenario != scenario) last[scenario] = i + 1;
}

__device__ void add_atomically(LearnCounts& total, const LearnCounts& part) {
  const auto add = [](auto& cell, auto amount) {
    if (amount != 0) AtomicAdd::to(reinterpret_cast<std::int64_t*>(&cell), static_cast<std::int64_t>(amount));
  };
  add(total.applied, part.applied);
  add(total.already_known, part.already_known);
  add(total.retracted, part.retracted);
  add(total.nothing_to_retract, part.nothing_to_retract);
  add(total.updates, part.updates);
  add(total.late, part.late);
  add(total.squared_error_lo, part.squared_error_lo);
  add(total.squared_error_hi, part.squared_error_hi);
}

/// The functor lies in device memory: an indexed kernel parameter would cost a stack frame.
__global__ void update_scenarios(const ScoreUpdater<AtomicAdd>* update_score, const std::uint32_t* first,
                                 const std::uint32_t* last, std::uint32_t scenarios, LearnCounts* total) {
  const std::uint32_t s = blockIdx.x * blockDim.x + threadIdx.x;
  if (s >= scenarios || first[s] == last[s]) return;
  add_atomically(*total, (*update_score)(s, first[s], last[s]));
}

/// Indices of the events in their order: a stable radix sort by each word of the key, the most important
/// last.
DeviceArray<std::uint32_t> sort_events(const LearnEvent* events, const UnixSeconds* time,
                                       const std::uint64_t* event_id, std::uint32_t count) {
  DeviceArray<std::uint32_t> order(count), sorted_order(count);
  const DeviceArray<std::uint32_t> keys(count), sorted_keys(count);
  std::size_t bytes = 0;
  check_cuda(cub::DeviceRadixSort::SortPairs(nullptr, bytes, keys.data(), sorted_keys.data(), order.data(),
                                             sorted_order.data(), count),
             "planning the sort of events");
  const DeviceArray<unsigned char> scratch(bytes);
  const unsigned blocks = blocks_for(count, threads_per_block);
  launch_kernel("numbering events", blocks, threads_per_block, number_events, order.data(), count);
  for (const KeyWord word : {KeyWord::kind, KeyWord::ledger, KeyWord::event_id_low, KeyWord::event_id_high,
                             KeyWord::time_low, KeyWord::time_high, KeyWord::scenario}) {
    launch_kernel("gathering sort keys", blocks, threads_per_block, gather_keys, word, events, time, event_id,
                  order.data(), count, keys.data());
    check_cuda(cub::DeviceRadixSort::SortPairs(scratch.data(), bytes, keys.data(), sorted_keys.data(),
                                               order.data(), sorted_order.data(), count),
               "sorting events");
    std::swap(order, sorted_order);
  }
  return order;
}

}  // namespace

LearnCounts learn_partition_cuda(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                 const LearnTallies& tallies, int device) {
  const DeviceScope scope(device);
  const auto events = static_cast<std::uint32_t>(partition.events.size());
  const auto scenarios = static_cast<std::uint32_t>(partition.scenarios.size());
  if (events == 0) return {};
  const DeviceArray<LearnEvent> event(partition.events);
  const DeviceArray<UnixSeconds> time(partition.time);
  const DeviceArray<std::uint64_t> event_id(partition.event_id);
  const DeviceArray<ScenarioState> state{std::span<const ScenarioState>(partition.scenarios)};
  const DeviceArray<std::uint8_t> ledger{std::span<const std::uint8_t>(partition.ledger)};
  const DeviceArray<std::uint8_t> outcome{std::span<const std::uint8_t>(partition.outcome)};
  const DeviceArray<std::int64_t> answers{std::span<const std::int64_t>(tallies.answers)},
      retracted{std::span<const std::int64_t>(tallies.retracted)},
      successes{std::span<const std::int64_t>(tallies.successes)},
      failures{std::span<const std::int64_t>(tallies.failures)};
  const auto first = DeviceArray<std::uint32_t>::zeros(scenarios),
             last = DeviceArray<std::uint32_t>::zeros(scenarios);
  const auto counts = DeviceArray<LearnCounts>::zeros(1);

  const DeviceArray<std::uint32_t> order = sort_events(event.data(), time.data(), event_id.data(), events);
  launch_kernel("finding scenarios", blocks_for(events, threads_per_block), threads_per_block, find_scenarios,
                event.data(), order.data(), events, first.data(), last.data());
  const PartitionView view{event.data(),     state.data(),    ledger.data(),
                           outcome.data(),   answers.data(),  retracted.data(),
                           successes.data(), failures.data(), tallies.arms};
  const ScoreUpdater<AtomicAdd> update_score{{plan, view}, order.data()};
  const DeviceArray<ScoreUpdater<AtomicAdd>> updater{
      std::span<const ScoreUpdater<AtomicAdd>>(&update_score, 1)};
  launch_kernel("updating scenarios", blocks_for(scenarios, threads_per_block), threads_per_block,
                update_scenarios, updater.data(), first.data(), last.data(), scenarios, counts.data());
  wait_for_kernels("updating scenarios");

  state.copy_to(partition.scenarios);
  ledger.copy_to(partition.ledger);
  outcome.copy_to(partition.outcome);
  answers.copy_to(tallies.answers);
  retracted.copy_to(tallies.retracted);
  successes.copy_to(tallies.successes);
  failures.copy_to(tallies.failures);
  LearnCounts total, device_counts;
  counts.copy_to({&device_counts, 1});
  add_counts(total, device_counts);
  return total;
}

}  // namespace npo

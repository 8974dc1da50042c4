#include <cuda_runtime.h>

#include <cub/device/device_radix_sort.cuh>
#include <string>
#include <utility>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "kernels/learn_partition.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

constexpr int block_threads = 256;

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw Error(ErrorKind::device, std::string("CUDA failed to ") + what + ": " + cudaGetErrorString(status),
              "use --device cpu");
}

unsigned blocks_for(std::size_t items) {
  return static_cast<unsigned>((items + block_threads - 1) / block_threads);
}

/// Device memory of a fixed number of items.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t count) : count_(count) {
    if (count > 0) check(cudaMalloc(&data_, count * sizeof(T)), "allocate device memory");
  }
  explicit DeviceArray(std::span<const T> host) : DeviceArray(host.size()) {
    if (count_ > 0)
      check(cudaMemcpy(data_, host.data(), bytes(), cudaMemcpyHostToDevice), "copy to the device");
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(DeviceArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }

  T* data() const { return data_; }
  void clear() const {
    if (count_ > 0) check(cudaMemset(data_, 0, bytes()), "clear device memory");
  }
  void copy_to(std::span<T> host) const {
    if (count_ > 0)
      check(cudaMemcpy(host.data(), data_, bytes(), cudaMemcpyDeviceToHost), "copy from the device");
  }

 private:
  std::size_t bytes() const { return count_ * sizeof(T); }
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

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
  check(cub::DeviceRadixSort::SortPairs(nullptr, bytes, keys.data(), sorted_keys.data(), order.data(),
                                        sorted_order.data(), count),
        "plan the sort of events");
  const DeviceArray<unsigned char> scratch(bytes);
  number_events<<<blocks_for(count), block_threads>>>(order.data(), count);
  check(cudaGetLastError(), "number events");
  for (const KeyWord word : {KeyWord::kind, KeyWord::ledger, KeyWord::event_id_low, KeyWord::event_id_high,
                             KeyWord::time_low, KeyWord::time_high, KeyWord::scenario}) {
    gather_keys<<<blocks_for(count), block_threads>>>(word, events, time, event_id, order.data(), count,
                                                      keys.data());
    check(cudaGetLastError(), "gather sort keys");
    check(cub::DeviceRadixSort::SortPairs(scratch.data(), bytes, keys.data(), sorted_keys.data(),
                                          order.data(), sorted_order.data(), count),
          "sort events");
    std::swap(order, sorted_order);
  }
  return order;
}

}  // namespace

LearnCounts learn_partition_cuda(const ScoreUpdatePlan& plan, const LearnPartition& partition,
                                 const LearnTallies& tallies, int device) {
  require_device(device);
  check(cudaSetDevice(device), "use the device");
  const auto events = static_cast<std::uint32_t>(partition.events.size());
  const auto scenarios = static_cast<std::uint32_t>(partition.scenarios.size());
  if (events == 0) return {};
  const DeviceArray<LearnEvent> event(partition.events);
  const DeviceArray<UnixSeconds> time(partition.time);
  const DeviceArray<std::uint64_t> event_id(partition.event_id);
  const DeviceArray<ScenarioState> state{std::span<const ScenarioState>(partition.scenarios)};
  const DeviceArray<std::uint8_t> ledger{std::span<const std::uint8_t>(partition.ledger)};
  const DeviceArray<std::uint8_t> outcome(partition.outcome.size());
  const DeviceArray<std::int64_t> answers{std::span<const std::int64_t>(tallies.answers)},
      successes{std::span<const std::int64_t>(tallies.successes)},
      failures{std::span<const std::int64_t>(tallies.failures)};
  const DeviceArray<std::uint32_t> first(scenarios), last(scenarios);
  const DeviceArray<LearnCounts> counts(1);
  first.clear();
  last.clear();
  counts.clear();

  const DeviceArray<std::uint32_t> order = sort_events(event.data(), time.data(), event_id.data(), events);
  find_scenarios<<<blocks_for(events), block_threads>>>(event.data(), order.data(), events, first.data(),
                                                        last.data());
  check(cudaGetLastError(), "find scenarios");
  const PartitionView view{event.data(),   state.data(),     ledger.data(),   outcome.data(),
                           answers.data(), successes.data(), failures.data(), tallies.arms};
  const ScoreUpdater<AtomicAdd> update_score{{plan, view}, order.data()};
  const DeviceArray<ScoreUpdater<AtomicAdd>> updater{
      std::span<const ScoreUpdater<AtomicAdd>>(&update_score, 1)};
  update_scenarios<<<blocks_for(scenarios), block_threads>>>(updater.data(), first.data(), last.data(),
                                                             scenarios, counts.data());
  check(cudaGetLastError(), "update scenarios");
  check(cudaDeviceSynchronize(), "update scenarios");

  state.copy_to(partition.scenarios);
  ledger.copy_to(partition.ledger);
  outcome.copy_to(partition.outcome);
  answers.copy_to(tallies.answers);
  successes.copy_to(tallies.successes);
  failures.copy_to(tallies.failures);
  LearnCounts total, device_counts;
  counts.copy_to({&device_counts, 1});
  add_counts(total, device_counts);
  return total;
}

}  // namespace npo

#include "kernels/event_order.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace npo {
namespace {

/// first[s] .. first[s + 1] are the places of scenario s in the order.
std::vector<std::uint32_t> scenario_starts(const LearnPartition& partition) {
  std::vector<std::uint32_t> first(partition.scenarios.size() + 1, 0);
  for (const LearnEvent& event : partition.events) ++first[event.scenario + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  return first;
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

/// Time and index of an event in one word, so that a scenario's events sort without looking anything up. Only
/// events of the same second need a closer look.
class SecondAndIndex {
 public:
  explicit SecondAndIndex(const LearnPartition& partition) {
    const auto [least, most] = std::ranges::minmax(partition.time);
    least_ = least;
    fits_ = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) < std::uint64_t{1} << 32;
  }
  bool fits() const { return fits_; }
  std::uint64_t pack(UnixSeconds time, std::uint32_t index) const {
    return static_cast<std::uint64_t>(time - least_) << 32 | index;
  }
  static std::uint32_t index(std::uint64_t word) { return static_cast<std::uint32_t>(word); }
  static bool same_second(std::uint64_t a, std::uint64_t b) { return a >> 32 == b >> 32; }

 private:
  UnixSeconds least_;
  bool fits_;
};

/// Sorts a few words by insertion, more of them otherwise.
void sort_words(std::uint64_t* first, std::uint64_t* last) {
  if (last - first > 32) return std::sort(first, last);
  for (std::uint64_t* i = first + 1; i < last; ++i) {
    const std::uint64_t word = *i;
    std::uint64_t* j = i;
    for (; j > first && j[-1] > word; --j) *j = j[-1];
    *j = word;
  }
}

void order_by_words(const LearnPartition& partition, const SecondAndIndex& packing, EventOrder& events) {
  std::vector<std::uint32_t> next(events.first.begin(), events.first.end() - 1);
  std::vector<std::uint64_t> words(partition.events.size());
  for (std::uint32_t i = 0; i < words.size(); ++i)
    words[next[partition.events[i].scenario]++] = packing.pack(partition.time[i], i);
  const Earlier earlier(partition);
  for (std::size_t s = 0; s + 1 < events.first.size(); ++s) {
    const std::uint32_t begin = events.first[s], end = events.first[s + 1];
    if (begin == end) continue;
    sort_words(words.data() + begin, words.data() + end);
    for (std::uint32_t place = begin; place < end; ++place) events.order[place] = packing.index(words[place]);
    for (std::uint32_t from = begin, to = begin + 1; from < end; from = to++) {
      while (to < end && packing.same_second(words[from], words[to])) ++to;
      if (to - from > 1) std::sort(events.order.begin() + from, events.order.begin() + to, earlier);
    }
  }
}

/// For times more than 136 years apart.
void order_by_comparing(const LearnPartition& partition, EventOrder& events) {
  std::vector<std::uint32_t> next(events.first.begin(), events.first.end() - 1);
  for (std::uint32_t i = 0; i < events.order.size(); ++i)
    events.order[next[partition.events[i].scenario]++] = i;
  for (std::size_t s = 0; s + 1 < events.first.size(); ++s)
    std::sort(events.order.begin() + events.first[s], events.order.begin() + events.first[s + 1],
              Earlier(partition));
}

}  // namespace

EventOrder order_events(const LearnPartition& partition) {
  EventOrder events{scenario_starts(partition), std::vector<std::uint32_t>(partition.events.size())};
  if (partition.events.empty()) return events;
  const SecondAndIndex packing(partition);
  if (packing.fits())
    order_by_words(partition, packing, events);
  else
    order_by_comparing(partition, events);
  return events;
}

}  // namespace npo

#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "host/large_array.hpp"
#include "host/learn_inputs.hpp"
#include "host/learn_partitions.hpp"
#include "host/run_context.hpp"

/// Feedback events sorted into the partitions they belong to, as many at a time as memory allows.
namespace npo {

/// An event as it waits for its partition: 24 bytes.
struct BucketedEvent {
  UnixSeconds time;
  std::uint64_t event_id;
  std::uint32_t row;          ///< of the run, counted from the partition's first row
  std::uint16_t run;          ///< index into LearnInputs::runs
  std::uint16_t source_kind;  ///< 8 * source + FeedbackKind
  std::uint16_t source() const { return static_cast<std::uint16_t>(source_kind >> 3); }
  FeedbackKind kind() const { return static_cast<FeedbackKind>(source_kind & 7); }
};

/// What reading all events once, and checking each, tells.
struct EventCensus {
  std::vector<std::uint64_t> events;                ///< [partitions] events to learn from
  std::vector<std::vector<std::uint8_t>> answered;  ///< [runs][sources] 1: there are such events
  std::uint64_t expired = 0, after_as_of = 0;
};

/// Reads and checks every event. Error(bad_data) names file, dataset and row of the first event that answers
/// a run that is not there, a row beyond its run, or that has an unknown kind.
EventCensus count_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                         std::optional<UnixSeconds> as_of, const RunContext& context);

/// The events of partitions [first, last), grouped by partition.
struct EventBuckets {
  std::size_t first = 0;
  std::vector<std::uint64_t> starts;  ///< [last - first + 1]
  LargeArray<BucketedEvent> events;
  std::span<const BucketedEvent> of(std::size_t partition) const {
    const std::uint64_t begin = starts[partition - first];
    return events.span().subspan(begin, starts[partition - first + 1] - begin);
  }
};
EventBuckets gather_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                           const EventCensus& census, std::optional<UnixSeconds> as_of, std::size_t first,
                           std::size_t last, const RunContext& context);

}  // namespace npo

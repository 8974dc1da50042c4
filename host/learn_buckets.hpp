#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "host/event_router.hpp"
#include "host/run_context.hpp"
#include "kernels/large_array.hpp"

/// Feedback events sorted into the partitions they belong to, as many at a time as memory allows.
namespace npo {

/// The events of one partition, as they lie in the pieces they were read in.
struct PartitionEvents {
  std::vector<std::span<const BucketedEvent>> pieces;
  std::size_t size() const;
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& piece : pieces)
      for (const BucketedEvent& event : piece) visit(event);
  }
};

/// The events of partitions [first, last).
class EventBuckets {
 public:
  /// Reads and checks every event (EventRouter::route); those of other partitions are left out.
  EventBuckets(const LearnInputs& inputs, const LearnPartitions& partitions, std::optional<UnixSeconds> as_of,
               std::size_t first, std::size_t last, const RunContext& context);
  /// Of all events read, also those left out.
  const EventCensus& census() const { return census_; }
  PartitionEvents of(std::size_t partition) const;

 private:
  /// Events of one piece, grouped by partition.
  struct Piece {
    std::vector<std::uint32_t> starts;  ///< [last - first + 1]
    LargeArray<BucketedEvent> events;
  };
  Piece gather(const EventRouter& router, const EventPiece& piece, EventCensus& census) const;

  std::size_t first_, last_;
  std::vector<Piece> pieces_;
  EventCensus census_;
};

/// Reads and checks every event, and keeps none.
EventCensus count_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                         std::optional<UnixSeconds> as_of, const RunContext& context);

}  // namespace npo

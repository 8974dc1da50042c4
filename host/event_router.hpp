#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "host/learn_inputs.hpp"
#include "host/learn_partitions.hpp"

/// Checking feedback events, and finding the partitions they belong to.
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

/// What reading events once, and checking each, tells.
struct EventCensus {
  std::vector<std::uint64_t> events;   ///< [partitions] events to learn from
  std::vector<std::uint8_t> answered;  ///< [runs][sources] 1: there are such events
  std::uint64_t expired = 0, after_as_of = 0;
};
EventCensus empty_census(const LearnInputs& inputs, const LearnPartitions& partitions);
void add_census(EventCensus& sum, const EventCensus& part);

/// Consecutive events of one file, read at a time by one thread.
struct EventPiece {
  const LearnFeedback* feedback;
  std::uint64_t first, count;
};
/// All events of all files.
std::vector<EventPiece> cut_pieces(const LearnInputs& inputs);

inline constexpr std::uint32_t no_partition = 0xffffffffu;

/// Finds the partition of a row of a run: a table over blocks of rows, then a step or two.
class RowRouter {
 public:
  explicit RowRouter(const std::vector<std::uint64_t>& cuts);
  std::uint32_t partition(std::uint64_t row) const {
    std::uint32_t p = table_[row / block_rows];
    while (cuts_[p + 1] <= row) ++p;
    return p;
  }
  std::uint64_t first_row(std::uint32_t partition) const { return cuts_[partition]; }

 private:
  static constexpr std::uint64_t block_rows = 1024;
  const std::uint64_t* cuts_;
  std::vector<std::uint32_t> table_;
};

class EventRouter {
 public:
  EventRouter(const LearnInputs& inputs, const LearnPartitions& partitions, std::optional<UnixSeconds> as_of);

  /// The partition of each event of the piece, `no_partition` for those not learned from, and what they come
  /// to. Error(bad_data) names file, dataset and row of the first event that answers a run that is not there,
  /// a row beyond its run, or that has an unknown kind.
  std::vector<std::uint32_t> route(const EventPiece& piece, const FeedbackFile::Columns& columns,
                                   EventCensus& census) const;

  /// Calls `take(partition, event)` for the events that `to` sends to partitions in [first, last).
  template <class Take>
  void for_each(const EventPiece& piece, const FeedbackFile::Columns& columns,
                const std::vector<std::uint32_t>& to, std::size_t first, std::size_t last,
                const Take& take) const;

 private:
  [[noreturn]] void refuse(const EventPiece& piece, std::size_t i,
                           const FeedbackFile::Columns& columns) const;

  const LearnInputs& inputs_;
  UnixSeconds as_of_;
  std::vector<RowRouter> routers_;
  std::vector<std::uint64_t> rows_;  ///< [runs]
};

template <class Take>
void EventRouter::for_each(const EventPiece& piece, const FeedbackFile::Columns& columns,
                           const std::vector<std::uint32_t>& to, std::size_t first, std::size_t last,
                           const Take& take) const {
  const auto run_code = columns.run.as<std::uint32_t>();
  const auto row = columns.row.as<std::uint64_t>();
  const auto kind = columns.kind.as<std::uint8_t>();
  const auto time = columns.time.as<UnixSeconds>();
  const auto source = columns.source.as<std::uint16_t>();
  const auto event_id = columns.id.as<std::uint64_t>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] < first || to[i] >= last) continue;
    const std::uint32_t run = piece.feedback->run[run_code[i]];
    take(to[i], BucketedEvent{time[i], event_id[i],
                              static_cast<std::uint32_t>(row[i] - routers_[run].first_row(to[i])),
                              static_cast<std::uint16_t>(run),
                              static_cast<std::uint16_t>(piece.feedback->source[source[i]] << 3 | kind[i])});
  }
}

}  // namespace npo

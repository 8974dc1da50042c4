#include "host/learn_buckets.hpp"

#include <mutex>

namespace npo {
namespace {

/// Calls work(index, piece, census) for every piece on all threads and returns the sum of the censuses.
template <class Work>
EventCensus for_each_piece(const LearnInputs& inputs, const LearnPartitions& partitions,
                           const std::vector<EventPiece>& pieces, const RunContext& context,
                           const Work& work) {
  EventCensus sum = empty_census(inputs, partitions);
  std::mutex mutex;
  parallel_for(context.threads, pieces.size(), [&](std::uint64_t index) {
    context.check_stop();
    EventCensus part = empty_census(inputs, partitions);
    work(index, pieces[index], part);
    const std::lock_guard lock(mutex);
    add_census(sum, part);
  });
  return sum;
}

FeedbackFile::Columns read_piece(const EventPiece& piece) {
  return piece.feedback->file.read(piece.first, piece.count);
}

}  // namespace

std::size_t PartitionEvents::size() const {
  std::size_t events = 0;
  for (const auto& piece : pieces) events += piece.size();
  return events;
}

EventBuckets::EventBuckets(const LearnInputs& inputs, const LearnPartitions& partitions,
                           std::optional<UnixSeconds> as_of, std::size_t first, std::size_t last,
                           const RunContext& context)
    : first_(first), last_(last) {
  const EventRouter router(inputs, partitions, as_of);
  const std::vector<EventPiece> pieces = cut_pieces(inputs);
  pieces_.resize(pieces.size());
  census_ = for_each_piece(inputs, partitions, pieces, context,
                           [&](std::uint64_t index, const EventPiece& piece, EventCensus& census) {
                             pieces_[index] = gather(router, piece, census);
                           });
}

/// A counting sort: route says how many go where, then each event is written to its place.
EventBuckets::Piece EventBuckets::gather(const EventRouter& router, const EventPiece& piece,
                                         EventCensus& census) const {
  const FeedbackFile::Columns columns = read_piece(piece);
  const std::vector<std::uint32_t> to = router.route(piece, columns, census);
  Piece gathered{{0}, {}};
  for (std::size_t p = first_; p < last_; ++p)
    gathered.starts.push_back(gathered.starts.back() + static_cast<std::uint32_t>(census.events[p]));
  gathered.events = LargeArray<BucketedEvent>(gathered.starts.back());
  std::vector<std::uint32_t> next(gathered.starts.begin(), gathered.starts.end() - 1);
  router.for_each(piece, columns, to, first_, last_, [&](std::size_t partition, const BucketedEvent& event) {
    gathered.events[next[partition - first_]++] = event;
  });
  return gathered;
}

PartitionEvents EventBuckets::of(std::size_t partition) const {
  PartitionEvents events;
  for (const Piece& piece : pieces_) {
    const std::uint32_t begin = piece.starts[partition - first_], end = piece.starts[partition - first_ + 1];
    if (begin < end) events.pieces.push_back(piece.events.span().subspan(begin, end - begin));
  }
  return events;
}

EventCensus count_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                         std::optional<UnixSeconds> as_of, const RunContext& context) {
  const EventRouter router(inputs, partitions, as_of);
  return for_each_piece(inputs, partitions, cut_pieces(inputs), context,
                        [&](std::uint64_t, const EventPiece& piece, EventCensus& census) {
                          router.route(piece, read_piece(piece), census);
                        });
}

}  // namespace npo

#include "host/learn_buckets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_events = 1 << 16;  // read and routed at a time by one thread

/// Finds the partition of a row of a run: a table over blocks of rows, then a step or two.
class RowRouter {
 public:
  explicit RowRouter(const std::vector<std::uint64_t>& cuts) : cuts_(cuts.data()) {
    const std::uint64_t rows = cuts.back();
    std::uint32_t partition = 0;
    for (std::uint64_t row = 0; row < rows; row += block_rows) {
      while (cuts[partition + 1] <= row) ++partition;
      table_.push_back(partition);
    }
  }
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

struct Piece {
  const LearnFeedback* feedback;
  std::uint64_t first, count;
};

std::vector<Piece> cut_pieces(const LearnInputs& inputs) {
  std::vector<Piece> pieces;
  for (const LearnFeedback& feedback : inputs.files)
    for (std::uint64_t first = 0; first < feedback.file.rows(); first += piece_events)
      pieces.push_back({&feedback, first, std::min(piece_events, feedback.file.rows() - first)});
  return pieces;
}

/// Where an event goes. Events that are not learned from have no partition.
enum class Route { learn, expired, after_as_of };

/// Checks events and finds their partitions.
class EventRouter {
 public:
  EventRouter(const LearnInputs& inputs, const LearnPartitions& partitions, std::optional<UnixSeconds> as_of)
      : inputs_(inputs), as_of_(as_of.value_or(std::numeric_limits<UnixSeconds>::max())) {
    for (const auto& cuts : partitions.cuts) routers_.emplace_back(cuts);
    for (const LearnRun& run : inputs.runs) rows_.push_back(run.decisions->rows());
  }

  /// Calls `take(route, partition, event)` for every event of the piece.
  template <class Take>
  void for_each(const Piece& piece, const Take& take) const {
    const FeedbackFile::Columns columns = piece.feedback->file.read(piece.first, piece.count);
    const auto run_code = columns.run.as<std::uint32_t>();
    const auto row = columns.row.as<std::uint64_t>();
    const auto kind = columns.kind.as<std::uint8_t>();
    const auto time = columns.time.as<UnixSeconds>();
    const auto source = columns.source.as<std::uint16_t>();
    const auto event_id = columns.id.as<std::uint64_t>();
    for (std::size_t i = 0; i < piece.count; ++i) {
      check(piece, i, run_code[i], row[i], kind[i], source[i]);
      const std::uint32_t run = piece.feedback->run[run_code[i]];
      const std::uint32_t partition = routers_[run].partition(row[i]);
      const auto local_row = static_cast<std::uint32_t>(row[i] - routers_[run].first_row(partition));
      const auto source_kind = static_cast<std::uint16_t>(piece.feedback->source[source[i]] << 3 | kind[i]);
      const Route route = inputs_.runs[run].expired ? Route::expired
                          : time[i] > as_of_        ? Route::after_as_of
                                                    : Route::learn;
      take(route, partition,
           BucketedEvent{time[i], event_id[i], local_row, static_cast<std::uint16_t>(run), source_kind});
    }
  }

 private:
  void check(const Piece& piece, std::size_t i, std::uint32_t run_code, std::uint64_t row, std::uint8_t kind,
             std::uint16_t source) const {
    const LearnFeedback& feedback = *piece.feedback;
    if (run_code < feedback.run.size() && source < feedback.source.size() && kind < kind_count) {
      const std::uint32_t run = feedback.run[run_code];
      if (run != unknown_run && row < rows_[run]) return;
    }
    refuse(feedback, piece.first + i, run_code, row, kind, source);
  }

  [[noreturn]] void refuse(const LearnFeedback& feedback, std::uint64_t event, std::uint32_t run_code,
                           std::uint64_t row, std::uint8_t kind, std::uint16_t source) const {
    const auto bad = [&](const char* dataset, const std::string& what, const std::string& remedy) {
      return Error(ErrorKind::bad_data,
                   fmt::format("{}: {} row {}: {}", feedback.file.path().string(), dataset, event, what),
                   remedy);
    };
    if (kind >= kind_count)
      throw bad("events/kind", fmt::format("unknown kind {}", kind),
                "kinds are 0 override, 1 like, 2 neutral, 3 skipped, 4 retract");
    if (source >= feedback.source.size())
      throw bad("events/source", fmt::format("code {} is beyond sources/name", source),
                "write the file again");
    if (run_code >= feedback.run.size())
      throw bad("events/run", fmt::format("code {} is beyond runs/name", run_code), "write the file again");
    const std::uint32_t run = feedback.run[run_code];
    if (run == unknown_run)
      throw bad("events/run",
                fmt::format("feedback for a decision that was never made: no given run is {}",
                            feedback.file.runs()[run_code]),
                "give the folder of that run with --decisions");
    throw bad("events/row",
              fmt::format("feedback for a decision that was never made: row {} of run {}, which has {} rows",
                          row, feedback.file.runs()[run_code], rows_[run]),
              "rows count from 0 within the night of the run");
  }

  const LearnInputs& inputs_;
  UnixSeconds as_of_;
  std::vector<RowRouter> routers_;
  std::vector<std::uint64_t> rows_;  ///< [runs]
};

}  // namespace

EventCensus count_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                         std::optional<UnixSeconds> as_of, const RunContext& context) {
  const EventRouter router(inputs, partitions, as_of);
  const std::vector<Piece> pieces = cut_pieces(inputs);
  EventCensus census;
  census.events.resize(partitions.size());
  census.answered.assign(inputs.runs.size(), std::vector<std::uint8_t>(inputs.sources.size(), 0));
  std::mutex mutex;
  parallel_for(context.threads, pieces.size(), [&](std::uint64_t p) {
    context.check_stop();
    EventCensus part;
    part.events.resize(partitions.size());
    part.answered.assign(inputs.runs.size(), std::vector<std::uint8_t>(inputs.sources.size(), 0));
    router.for_each(pieces[p], [&](Route route, std::uint32_t partition, const BucketedEvent& event) {
      if (route == Route::expired) ++part.expired;
      if (route == Route::after_as_of) ++part.after_as_of;
      if (route != Route::learn) return;
      ++part.events[partition];
      part.answered[event.run][event.source()] = 1;
    });
    const std::lock_guard lock(mutex);
    census.expired += part.expired;
    census.after_as_of += part.after_as_of;
    for (std::size_t i = 0; i < part.events.size(); ++i) census.events[i] += part.events[i];
    for (std::size_t r = 0; r < part.answered.size(); ++r)
      for (std::size_t s = 0; s < part.answered[r].size(); ++s) census.answered[r][s] |= part.answered[r][s];
  });
  return census;
}

EventBuckets gather_events(const LearnInputs& inputs, const LearnPartitions& partitions,
                           const EventCensus& census, std::optional<UnixSeconds> as_of, std::size_t first,
                           std::size_t last, const RunContext& context) {
  const EventRouter router(inputs, partitions, as_of);
  const std::vector<Piece> pieces = cut_pieces(inputs);
  EventBuckets buckets{first, {0}, {}};
  for (std::size_t p = first; p < last; ++p)
    buckets.starts.push_back(buckets.starts.back() + census.events[p]);
  buckets.events = LargeArray<BucketedEvent>(buckets.starts.back());
  std::vector<std::uint64_t> next(buckets.starts.begin(), buckets.starts.end() - 1);
  std::mutex mutex;
  parallel_for(context.threads, pieces.size(), [&](std::uint64_t index) {
    context.check_stop();
    std::vector<BucketedEvent> routed;
    std::vector<std::uint32_t> bucket;
    std::vector<std::uint64_t> count(last - first, 0), place(last - first);
    routed.reserve(pieces[index].count);
    bucket.reserve(pieces[index].count);
    router.for_each(pieces[index], [&](Route route, std::uint32_t partition, const BucketedEvent& event) {
      if (route != Route::learn || partition < first || partition >= last) return;
      bucket.push_back(static_cast<std::uint32_t>(partition - first));
      routed.push_back(event);
      ++count[bucket.back()];
    });
    {
      const std::lock_guard lock(mutex);
      for (std::size_t p = 0; p < count.size(); ++p) place[p] = std::exchange(next[p], next[p] + count[p]);
    }
    for (std::size_t i = 0; i < routed.size(); ++i) buckets.events[place[bucket[i]]++] = routed[i];
  });
  return buckets;
}

}  // namespace npo

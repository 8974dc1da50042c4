#include "host/event_router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t routed_events = 81920;  // 24 bytes each just fill a large page

}  // namespace

EventCensus empty_census(const LearnInputs& inputs, const LearnPartitions& partitions) {
  EventCensus census;
  census.events.resize(partitions.size());
  census.answered.resize(inputs.runs.size() * inputs.sources.size());
  return census;
}

void add_census(EventCensus& sum, const EventCensus& part) {
  sum.expired += part.expired;
  sum.after_as_of += part.after_as_of;
  for (std::size_t i = 0; i < part.events.size(); ++i) sum.events[i] += part.events[i];
  for (std::size_t i = 0; i < part.answered.size(); ++i) sum.answered[i] |= part.answered[i];
}

std::vector<EventPiece> cut_pieces(const LearnInputs& inputs) {
  std::vector<EventPiece> pieces;
  for (const LearnFeedback& feedback : inputs.files)
    for (std::uint64_t first = 0; first < feedback.file.rows(); first += routed_events)
      pieces.push_back({&feedback, first, std::min(routed_events, feedback.file.rows() - first)});
  return pieces;
}

RowRouter::RowRouter(const std::vector<std::uint64_t>& cuts) : cuts_(cuts.data()) {
  std::uint32_t partition = 0;
  for (std::uint64_t row = 0; row < cuts.back(); row += block_rows) {
    while (cuts[partition + 1] <= row) ++partition;
    table_.push_back(partition);
  }
}

EventRouter::EventRouter(const LearnInputs& inputs, const LearnPartitions& partitions,
                         std::optional<UnixSeconds> as_of)
    : inputs_(inputs), as_of_(as_of.value_or(std::numeric_limits<UnixSeconds>::max())) {
  for (const auto& cuts : partitions.cuts) routers_.emplace_back(cuts);
  for (const LearnRun& run : inputs.runs) rows_.push_back(run.decisions->rows());
}

std::vector<std::uint32_t> EventRouter::route(const EventPiece& piece, const FeedbackFile::Columns& columns,
                                              EventCensus& census) const {
  const LearnFeedback& feedback = *piece.feedback;
  const auto run_code = columns.run.as<std::uint32_t>();
  const auto row = columns.row.as<std::uint64_t>();
  const auto kind = columns.kind.as<std::uint8_t>();
  const auto time = columns.time.as<UnixSeconds>();
  const auto source = columns.source.as<std::uint16_t>();
  std::vector<std::uint32_t> to(piece.count, no_partition);
  for (std::size_t i = 0; i < piece.count; ++i) {
    if (run_code[i] >= feedback.run.size() || source[i] >= feedback.source.size() || kind[i] >= kind_count)
      refuse(piece, i, columns);
    const std::uint32_t run = feedback.run[run_code[i]];
    if (run == unknown_run || row[i] >= rows_[run]) refuse(piece, i, columns);
    if (inputs_.runs[run].expired) {
      ++census.expired;
    } else if (time[i] > as_of_) {
      ++census.after_as_of;
    } else {
      to[i] = routers_[run].partition(row[i]);
      ++census.events[to[i]];
      census.answered[run * inputs_.sources.size() + feedback.source[source[i]]] = 1;
    }
  }
  return to;
}

void EventRouter::refuse(const EventPiece& piece, std::size_t i, const FeedbackFile::Columns& columns) const {
  const LearnFeedback& feedback = *piece.feedback;
  const auto bad = [&](const char* dataset, const std::string& what, const std::string& remedy) {
    return Error(
        ErrorKind::bad_data,
        fmt::format("{}: {} row {}: {}", feedback.file.path().string(), dataset, piece.first + i, what),
        remedy);
  };
  const auto kind = columns.kind.as<std::uint8_t>()[i];
  const auto source = columns.source.as<std::uint16_t>()[i];
  const auto run_code = columns.run.as<std::uint32_t>()[i];
  if (kind >= kind_count)
    throw bad("events/kind", fmt::format("unknown kind {}", kind),
              "kinds are 0 override, 1 like, 2 neutral, 3 skipped, 4 retract");
  if (source >= feedback.source.size())
    throw bad("events/source", fmt::format("code {} is beyond sources/name", source), "write the file again");
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
                        columns.row.as<std::uint64_t>()[i], feedback.file.runs()[run_code], rows_[run]),
            "rows count from 0 within the night of the run");
}

}  // namespace npo

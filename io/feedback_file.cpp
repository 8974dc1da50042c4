#include "io/feedback_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/feedback_columns.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t scanned_events = 16 * tile_rows;

void require_type(const h5::ReadFile& file, const h5::ColumnSpec& spec, std::uint64_t rows) {
  const h5::DatasetInfo info = file.info(spec.name);
  const auto refuse = [&](const std::string& problem) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: dataset {} {}", file.path().string(), spec.name, problem),
                "see docs/formats/feedback.md, or import the events with: npo import --as feedback");
  };
  if (info.type != spec.type || info.dims.size() != 1)
    refuse("has another type or rank than a feedback file's");
  if (info.dims.front() != rows)
    refuse(fmt::format("has {} rows, events/run has {}", info.dims.front(), rows));
}

/// Calls visit(columns, first, count) for all events in order, piece by piece.
template <class Visit>
void for_each_piece(const FeedbackFile& file, const Visit& visit) {
  for (std::uint64_t first = 0; first < file.rows(); first += scanned_events) {
    const std::uint64_t count = std::min(scanned_events, file.rows() - first);
    visit(file.read(first, count), first, count);
  }
}

}  // namespace

FeedbackFile::FeedbackFile(const std::filesystem::path& path) : path_(path), file_(std::in_place, path) {
  file_->require_format(feedback_format_name, feedback_format_version);
  runs_ = file_->read_text("runs/name");
  sources_ = file_->read_text("sources/name");
  rows_ = file_->info("events/run").dims.front();
  for (const FeedbackColumn& column : feedback_columns()) require_type(*file_, column.spec, rows_);
  run_.emplace(*file_, "events/run");
  row_.emplace(*file_, "events/row");
  kind_.emplace(*file_, "events/kind");
  time_.emplace(*file_, "events/time");
  source_.emplace(*file_, "events/source");
  id_.emplace(*file_, "events/id");
}

FeedbackFile::Columns FeedbackFile::read(std::uint64_t first, std::uint64_t count) const {
  return {run_->read(first, count),  row_->read(first, count),    kind_->read(first, count),
          time_->read(first, count), source_->read(first, count), id_->read(first, count)};
}

void validate_feedback(const FeedbackFile& file) {
  const auto refuse = [&](const char* dataset, std::uint64_t row, std::uint64_t code,
                          const std::string& remedy) {
    throw Error(
        ErrorKind::bad_data,
        fmt::format("{}: {} of event {} is {}, which is unknown", file.path().string(), dataset, row, code),
        remedy);
  };
  const auto require_below = [&](auto codes, std::size_t limit, std::uint64_t first, const char* dataset,
                                 const std::string& remedy) {
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (codes[i] >= limit) refuse(dataset, first + i, codes[i], remedy);
  };
  for_each_piece(file, [&](const FeedbackFile::Columns& columns, std::uint64_t first, std::uint64_t) {
    require_below(columns.run.as<std::uint32_t>(), file.runs().size(), first, "events/run",
                  fmt::format("runs/name has {} rows", file.runs().size()));
    require_below(columns.source.as<std::uint16_t>(), file.sources().size(), first, "events/source",
                  fmt::format("sources/name has {} rows", file.sources().size()));
    require_below(columns.kind.as<std::uint8_t>(), kind_count, first, "events/kind",
                  "use 0 override, 1 like, 2 neutral, 3 skipped, 4 retract");
  });
}

Digest digest_feedback(const FeedbackFile& file) {
  std::vector<ColumnDigest> digests;
  for (const FeedbackColumn& column : feedback_columns()) digests.emplace_back(h5::size_of(column.spec.type));
  for_each_piece(file, [&](const FeedbackFile::Columns& columns, std::uint64_t, std::uint64_t) {
    for (std::size_t i = 0; i < digests.size(); ++i)
      digests[i].add((columns.*feedback_columns()[i].window).bytes());
  });
  DigestList list;
  list.add("format", feedback_format_name);
  for (const std::string& run : file.runs()) list.add("run", run);
  for (const std::string& source : file.sources()) list.add("source", source);
  for (std::size_t i = 0; i < digests.size(); ++i)
    list.add(feedback_columns()[i].spec.name, digests[i].finish());
  return list.finish();
}

}  // namespace npo

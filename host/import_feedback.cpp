#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "host/import_read.hpp"
#include "host/import_run.hpp"
#include "host/name_table.hpp"
#include "io/atomic_file.hpp"
#include "io/closest_name.hpp"
#include "io/csv/csv_reader.hpp"
#include "io/csv/csv_values.hpp"
#include "io/feedback_file.hpp"

namespace npo {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t most_runs = std::size_t{1} << 20, most_sources = 65536;

/// By FeedbackKind.
const std::array<std::string, kind_count>& kind_names() {
  static const std::array<std::string, kind_count> names{"override", "like", "neutral", "skipped", "retract"};
  return names;
}

/// Turns rows of a CSV file into events.
class EventParser {
 public:
  EventParser(const csv::Reader& csv, const FeedbackColumns& columns)
      : csv_(csv),
        run_(csv.column(columns.run)),
        row_(csv.column(columns.row)),
        kind_(csv.column(columns.kind)),
        time_(csv.column(columns.time)),
        source_(csv.column(columns.source)),
        event_id_(csv.column(columns.event_id)) {}

  FeedbackEvent event() {
    FeedbackEvent event{};
    event.row = csv::read_unsigned(csv_, row_);
    event.kind = kind();
    event.time = csv::read_time(csv_, time_);
    event.event_id = csv::read_unsigned(csv_, event_id_);
    const std::string_view run = csv::read_text(csv_, run_, longest_name);
    const std::string_view source = csv::read_text(csv_, source_, longest_name);
    event.run = runs_.code(run);
    event.source = static_cast<std::uint16_t>(sources_.code(source));
    return event;
  }

  const std::vector<std::string>& runs() const { return runs_.names(); }
  const std::vector<std::string>& sources() const { return sources_.names(); }

 private:
  FeedbackKind kind() const {
    const std::string_view word = csv::trimmed(csv_, kind_);
    for (std::size_t i = 0; i < kind_names().size(); ++i)
      if (word == kind_names()[i]) return static_cast<FeedbackKind>(i);
    csv_.refuse(
        kind_, "is no kind of feedback",
        suggest_name(word, kind_names(), fmt::format("the kinds are {}", fmt::join(kind_names(), ", "))));
  }

  const csv::Reader& csv_;
  std::size_t run_, row_, kind_, time_, source_, event_id_;
  NameTable runs_{"run", most_runs}, sources_{"source", most_sources};
};

/// Hands events to a writer in pieces; without a writer they are only checked.
class EventWriter {
 public:
  EventWriter(const ImportFeedbackOptions& options, const RunContext& context) {
    if (!context.dry_run) writer_.emplace(options.output, context.compression, context.overwrite);
  }
  void add(const FeedbackEvent& event) {
    pending_.push_back(event);
    if (pending_.size() == most_pending) flush();
  }
  void finish(const EventParser& parser, const std::string& provenance) {
    flush();
    if (writer_) writer_->finish(parser.runs(), parser.sources(), provenance);
  }

 private:
  static constexpr std::size_t most_pending = 16 * tile_rows;
  void flush() {
    if (writer_ && !pending_.empty()) writer_->append(pending_);
    pending_.clear();
  }
  std::optional<FeedbackWriter> writer_;
  std::vector<FeedbackEvent> pending_;
};

std::string provenance(const ImportFeedbackOptions& options, const ImportFeedbackReport& report) {
  const FeedbackColumns& columns = options.columns;
  nlohmann::json json;
  json["command"] = "import";
  json["source"] = options.input == "-" ? "stdin" : options.input.filename().string();
  json["source_bytes"] = report.bytes_read;
  json["columns"] = {{"run", columns.run},   {"row", columns.row},       {"kind", columns.kind},
                     {"time", columns.time}, {"source", columns.source}, {"event_id", columns.event_id}};
  json["skip_bad"] = options.skip_bad;
  json["skipped_rows"] = report.skipped.count;
  return json.dump();
}

}  // namespace

ImportFeedbackReport import_feedback(const ImportFeedbackOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  if (!context.dry_run) refuse_existing(options.output, context.overwrite);
  ImportFeedbackReport report;
  report.source = csv::display_name(options.input);
  report.output = options.output.string();
  csv::Reader csv = csv::open_csv(options.input, options.separator);
  EventParser parser(csv, options.columns);
  EventWriter writer(options, context);
  ReadingProgress progress(context, options.input);
  for (bool more = true; more;) {
    try {
      more = csv.next();
      if (!more) break;
      const FeedbackEvent event = parser.event();
      ++report.kinds[static_cast<std::size_t>(event.kind)];
      ++report.rows;
      writer.add(event);
    } catch (const csv::BadRow& bad) {
      if (!options.skip_bad) throw;
      report.skipped.add(bad.what());
    }
    progress.row(csv.bytes_taken());
  }
  report.bytes_read = csv.bytes_taken();
  report.runs = parser.runs().size();
  report.sources = parser.sources().size();
  writer.finish(parser, provenance(options, report));
  if (!context.dry_run) report.bytes_written = std::filesystem::file_size(options.output);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo

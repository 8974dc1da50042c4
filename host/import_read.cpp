#include "host/import_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "io/csv/csv_reader.hpp"
#include "io/csv/csv_values.hpp"

namespace npo {
namespace {

constexpr std::size_t longest_fleet_name = 256;
constexpr std::size_t most_fleets = std::size_t{1} << 20;

/// Turns the current row of a reader into an ImportRow and its features.
class RowParser {
 public:
  RowParser(const csv::Reader& csv, const ImportScenariosOptions& options, NameTable& fleets)
      : csv_(csv), options_(options), fleets_(fleets), features_(options.columns.features.size()) {
    const ScenarioColumns& names = options.columns;
    const auto optional = [&](const std::string& name) { return name.empty() ? none : csv.column(name); };
    id_ = csv.column(names.id);
    time_ = csv.column(names.time);
    fleet_ = optional(names.fleet);
    label_ = optional(names.label);
    known_at_ = optional(names.label_known_at);
    for (const auto& name : names.features) feature_columns_.push_back(csv.column(name));
    if (fleet_ == none) fleets_.code("all");
  }

  const ImportRow& row() const { return row_; }
  std::span<const float> features() const { return features_; }
  std::uint64_t missing_values() const { return missing_values_; }

  /// Who and when. After that the row can at least say that the scenario was seen.
  void read_identity() {
    row_ = ImportRow{};
    row_.id = csv::read_text(csv_, id_, max_id_bytes);
    if (options_.ids == IdStorage::number && !is_canonical_number(row_.id))
      csv_.refuse(id_, "is not a canonical number",
                  "write digits without leading zero, below 2^64, or store ids as text");
    row_.time = csv::read_time(csv_, time_);
    row_.line = csv_.line();
  }

  /// The rest; false when the row is left out for want of a feature.
  bool read_values() {
    if (label_ != none) row_.label = csv::read_label(csv_, label_);
    row_.label_known_at =
        known_at_ == none ? row_.time + options_.label_horizon.value_or(0) : read_known_at();
    const std::string_view fleet =
        fleet_ == none ? std::string_view() : csv::read_text(csv_, fleet_, longest_fleet_name);
    std::uint64_t missing = 0;
    for (std::size_t i = 0; i < features_.size(); ++i) missing += read_feature(i) ? 0 : 1;
    if (missing > 0 && options_.missing == MissingPolicy::drop) return false;
    missing_values_ += missing;
    // The code comes last: a row that is left out must not name a fleet.
    if (fleet_ != none) row_.fleet = fleets_.code(fleet);
    return true;
  }

  void only_seen() { row_.only_seen = true; }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  UnixSeconds read_known_at() const {
    const UnixSeconds time = csv::read_time(csv_, known_at_);
    if (time < row_.time)
      csv_.refuse(known_at_, "lies before the row's own time", "an outcome is known later");
    return time;
  }

  bool read_feature(std::size_t i) {
    const std::size_t column = feature_columns_[i];
    if (!csv::is_missing(csv_, column)) {
      features_[i] = csv::read_float(csv_, column);
      return true;
    }
    if (options_.missing == MissingPolicy::error)
      csv_.refuse(column, "is missing",
                  "pass --missing nan to keep it as NaN, or --missing drop to leave the row out");
    features_[i] = std::numeric_limits<float>::quiet_NaN();
    return false;
  }

  const csv::Reader& csv_;
  const ImportScenariosOptions& options_;
  NameTable& fleets_;
  std::size_t id_, time_, fleet_, label_, known_at_;
  std::vector<std::size_t> feature_columns_;
  ImportRow row_;
  std::vector<float> features_;
  std::uint64_t missing_values_ = 0;
};

SortOptions spool_options(const ImportScenariosOptions& options, const RunContext& context) {
  const SpooledRow layout(options.columns.features.size());
  SortOptions sort;
  sort.record_bytes = layout.record_bytes();
  sort.key_bytes = options.label_horizon ? layout.key_bytes() : 0;
  sort.budget_bytes = options.memory_bytes / 2;
  sort.folder = options.output.parent_path();
  sort.threads = context.threads;
  return sort;
}

/// Reads rows one by one into the spool.
class Spooler {
 public:
  Spooler(const ImportScenariosOptions& options, SpooledScenarios& spool, ImportScenariosReport& report,
          const csv::Reader& csv)
      : options_(options),
        spool_(spool),
        report_(report),
        layout_(options.columns.features.size()),
        parser_(csv, options, spool.fleets) {}

  void take_row() {
    parser_.read_identity();
    try {
      if (parser_.read_values()) return keep();
      ++report_.missing_rows;
    } catch (const csv::BadRow& bad) {
      if (!options_.skip_bad) throw;
      report_.skipped.add(bad.what());
    }
    // A row without usable features still tells when its scenario was seen and whether it failed.
    if (!options_.label_horizon) return;
    parser_.only_seen();
    put();
  }

  std::uint64_t missing_values() const { return parser_.missing_values(); }

 private:
  void keep() {
    const std::string_view id = parser_.row().id;
    spool_.all_ids_are_numbers = spool_.all_ids_are_numbers && is_canonical_number(id);
    spool_.longest_id = std::max(spool_.longest_id, id.size());
    ++spool_.kept;
    put();
  }
  void put() { layout_.put(spool_.rows.add(), parser_.row(), parser_.features()); }

  const ImportScenariosOptions& options_;
  SpooledScenarios& spool_;
  ImportScenariosReport& report_;
  SpooledRow layout_;
  RowParser parser_;
};

}  // namespace

ReadingProgress::ReadingProgress(const RunContext& context, const std::filesystem::path& input)
    : context_(context) {
  std::error_code unknown;
  const std::uintmax_t size = input == "-" ? 0 : std::filesystem::file_size(input, unknown);
  context_.report().begin("read", unknown ? 0 : size, "bytes");
}

ReadingProgress::~ReadingProgress() {
  context_.report().end();
}

void ReadingProgress::tell(std::uint64_t bytes_taken) {
  context_.check_stop();
  context_.report().advance(bytes_taken - told_);
  told_ = bytes_taken;
}

SpooledScenarios spool_scenarios(const ImportScenariosOptions& options, const RunContext& context,
                                 ImportScenariosReport& report) {
  csv::Reader csv = csv::open_csv(options.input, options.separator);
  SpooledScenarios spool{ExternalSort(spool_options(options, context)), NameTable("fleet", most_fleets)};
  Spooler spooler(options, spool, report, csv);
  ReadingProgress progress(context, options.input);
  for (bool more = true; more;) {
    try {
      more = csv.next();
      if (more) spooler.take_row();
    } catch (const csv::BadRow& bad) {
      if (!options.skip_bad) throw;
      report.skipped.add(bad.what());
    }
    progress.row(csv.bytes_taken());
  }
  report.bytes_read = csv.bytes_taken();
  report.missing_values = spooler.missing_values();
  if (spool.kept == 0)
    throw Error(ErrorKind::bad_data, fmt::format("{} has no row to import", csv.name()),
                report.skipped.count ? report.skipped.reasons.front() : "");
  return spool;
}

}  // namespace npo

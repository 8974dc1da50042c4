#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "host/import_read.hpp"
#include "host/import_run.hpp"
#include "host/name_pattern.hpp"
#include "host/name_table.hpp"
#include "io/atomic_file.hpp"
#include "io/closest_name.hpp"
#include "io/csv/csv_reader.hpp"
#include "io/csv/csv_values.hpp"
#include "io/log_file.hpp"

namespace npo {
namespace {

constexpr std::size_t longest_log_name = 256;
constexpr std::size_t most_category_values = 65536;

[[noreturn]] void refuse_log(const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, problem, remedy);
}

/// Turns rows of a CSV file into rows of a log.
class LogParser {
 public:
  LogParser(const csv::Reader& csv, const ImportLogOptions& options)
      : csv_(csv), names_(options.columns), declared_(!options.actions.empty()) {
    if (names_.action.empty() || names_.reward.empty() || names_.propensity.empty())
      refuse_log("a log needs an action, a reward and a propensity",
                 "pass --action COLUMN --reward COLUMN --propensity COLUMN");
    for (const std::string& action : options.actions) actions_.code(action);
    action_ = csv.column(names_.action);
    reward_ = csv.column(names_.reward);
    propensity_ = csv.column(names_.propensity);
    position_ = optional_column(names_.position);
    time_ = optional_column(names_.time);
    cluster_ = optional_column(names_.cluster);
    take_values(names_.context, LogValueRole::context);
    take_values(names_.estimates, LogValueRole::estimated_reward);
    take_values(names_.others, LogValueRole::other);
    for (const std::string& name : names_.categories) {
      categories_.push_back(csv.column(name));
      tables_.emplace_back(fmt::format("category `{}`", name), most_category_values);
    }
    header_.has_position = position_.has_value();
    header_.has_time = time_.has_value();
    header_.has_cluster = cluster_.has_value();
    for (const std::string& name : names_.categories) header_.categories.push_back({name, {}});
  }

  /// Appends the current row, whole or not at all.
  void add_to(LogRows& rows) {
    // Codes come last: a row that is left out must not name an action or a value of a category.
    const std::string_view action = read_action();
    const double reward = csv::read_double(csv_, reward_), propensity = read_propensity();
    const std::uint32_t position = position_ ? read_position() : 0;
    const UnixSeconds time = time_ ? csv::read_time(csv_, *time_) : 0;
    const std::uint64_t cluster = cluster_ ? hash_name(csv::read_text(csv_, *cluster_, longest_log_name)) : 0;
    numbers_.clear();
    for (const std::size_t column : values_) numbers_.push_back(csv::read_double(csv_, column));
    texts_.clear();
    for (const std::size_t column : categories_)
      texts_.push_back(csv::read_text(csv_, column, longest_log_name));
    rows.action.push_back(actions_.code(action));
    rows.reward.push_back(reward);
    rows.propensity.push_back(propensity);
    if (position_) rows.position.push_back(position);
    if (time_) rows.time.push_back(time);
    if (cluster_) rows.cluster.push_back(cluster);
    rows.values.insert(rows.values.end(), numbers_.begin(), numbers_.end());
    for (std::size_t c = 0; c < texts_.size(); ++c) rows.category.push_back(tables_[c].code(texts_[c]));
  }

  /// The header so far.
  LogHeader header() const {
    LogHeader header = header_;
    header.actions = actions_.names();
    for (std::size_t c = 0; c < tables_.size(); ++c) header.categories[c].values = tables_[c].names();
    return header;
  }

 private:
  std::optional<std::size_t> optional_column(const std::string& name) const {
    return name.empty() ? std::nullopt : std::optional(csv_.column(name));
  }

  void take_values(const std::vector<std::string>& names, LogValueRole role) {
    for (const std::string& asked : names) {
      const auto fitting = NamePattern(asked).among(csv_.header());
      if (NamePattern(asked).open() && fitting.empty())
        refuse_log(fmt::format("{}: no column fits '{}'", csv_.name(), asked),
                   fmt::format("its columns are {}", fmt::join(csv_.header(), ", ")));
      if (!NamePattern(asked).open()) csv_.column(asked);
      for (const std::string& name : fitting) {
        if (std::find(header_.values.begin(), header_.values.end(), name) != header_.values.end())
          refuse_log(fmt::format("column '{}' is named twice", name), "name it once");
        header_.values.push_back(name);
        header_.roles.push_back(role);
        values_.push_back(csv_.column(name));
      }
    }
    if (header_.values.size() > max_log_values)
      refuse_log(fmt::format("{} columns of numbers are asked for", header_.values.size()),
                 fmt::format("at most {} are possible", max_log_values));
  }

  std::string_view read_action() const {
    const std::string_view name = csv::read_text(csv_, action_, longest_log_name);
    const auto& known = actions_.names();
    if (declared_ && std::find(known.begin(), known.end(), name) == known.end())
      csv_.refuse(action_, "is outside the policy",
                  suggest_name(name, known, fmt::format("--actions names {}", fmt::join(known, ", "))));
    return name;
  }

  double read_propensity() const {
    const double propensity = csv::read_double(csv_, propensity_);
    if (propensity == 0.0)
      csv_.refuse(propensity_, "is a propensity of 0",
                  "what had no chance cannot have happened: record the probability of the action taken");
    if (!(propensity > 0.0 && propensity <= 1.0))
      csv_.refuse(propensity_, "is no probability in (0, 1]",
                  "record the probability with which the logging policy took the action");
    if (!gives_weight(propensity))
      csv_.refuse(propensity_, "is too small: its weight 1/p is not finite",
                  "leave the row out, or record the propensity in double precision, at least 5.6e-309");
    return propensity;
  }

  std::uint32_t read_position() const {
    const std::uint64_t position = csv::read_unsigned(csv_, *position_);
    if (position == 0 || position > 0xffffffffu)
      csv_.refuse(*position_, "is no position", "positions count from 1");
    return static_cast<std::uint32_t>(position);
  }

  const csv::Reader& csv_;
  const LogColumns& names_;
  bool declared_;
  LogHeader header_;
  NameTable actions_{"action", max_actions};
  std::vector<NameTable> tables_;
  std::size_t action_ = 0, reward_ = 0, propensity_ = 0;
  std::optional<std::size_t> position_, time_, cluster_;
  std::vector<std::size_t> values_, categories_;
  std::vector<double> numbers_;
  std::vector<std::string_view> texts_;
};

std::string provenance(const ImportLogOptions& options, const ImportLogReport& report) {
  const LogColumns& columns = options.columns;
  nlohmann::json json;
  json["command"] = "import";
  json["source"] = options.input == "-" ? "stdin" : options.input.filename().string();
  json["source_bytes"] = report.bytes_read;
  json["columns"] = {{"action", columns.action},     {"reward", columns.reward},
                     {"position", columns.position}, {"propensity", columns.propensity},
                     {"time", columns.time},         {"cluster", columns.cluster}};
  json["skip_bad"] = options.skip_bad;
  json["skipped_rows"] = report.skipped.count;
  return json.dump();
}

void count(const LogRows& rows, ImportLogReport& report) {
  report.rows += rows.rows();
  for (const double reward : rows.reward) report.reward_sum += reward;
  for (const double propensity : rows.propensity)
    report.smallest_propensity = std::min(report.smallest_propensity, propensity);
}

}  // namespace

ImportLogReport import_log(const ImportLogOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  if (!context.dry_run) refuse_existing(options.output, context.overwrite);
  ImportLogReport report;
  report.source = csv::display_name(options.input);
  report.output = options.output.string();
  csv::Reader csv = csv::open_csv(options.input, options.separator);
  LogParser parser(csv, options);
  std::optional<LogWriter> writer;
  if (!context.dry_run)
    writer.emplace(options.output, parser.header(), context.compression, context.overwrite);
  ReadingProgress progress(context, options.input);
  LogRows pending;
  const auto flush = [&] {
    count(pending, report);
    if (writer && pending.rows() > 0) writer->append(pending);
    pending.clear();
  };
  for (bool more = true; more;) {
    try {
      more = csv.next();
      if (!more) break;
      parser.add_to(pending);
      if (pending.rows() == 4 * tile_rows) flush();
    } catch (const csv::BadRow& bad) {
      if (!options.skip_bad) throw;
      report.skipped.add(bad.what());
    }
    progress.row(csv.bytes_taken());
  }
  flush();
  if (report.rows == 0)
    throw Error(ErrorKind::bad_data, fmt::format("{} has no row to import", report.source),
                "give a log with at least one row");
  report.bytes_read = csv.bytes_taken();
  LogHeader header = parser.header();
  header.provenance = provenance(options, report);
  report.actions = header.actions.size();
  if (writer) writer->finish(header);
  if (!context.dry_run) report.bytes_written = std::filesystem::file_size(options.output);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo

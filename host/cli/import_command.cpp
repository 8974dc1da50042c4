#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/import_run.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

std::string skipped_text(const SkippedRows& skipped) {
  if (skipped.count == 0) return {};
  std::string text = fmt::format("  {} bad rows were left out:\n", skipped.count);
  for (const std::string& reason : skipped.reasons) text += "    " + reason + "\n";
  if (skipped.count > skipped.reasons.size())
    text += fmt::format("    ... and {} more\n", skipped.count - skipped.reasons.size());
  return text;
}

std::string end_text(const ImportReport& report, bool dry_run) {
  return skipped_text(report.skipped) + (dry_run
                                             ? std::string("nothing was written (dry run)\n")
                                             : fmt::format("wrote {}: {} bytes in {:.1f} s\n", report.output,
                                                           report.bytes_written, report.seconds));
}

std::string text_of(const ImportScenariosReport& report, bool dry_run) {
  std::string text =
      fmt::format("{} scenarios with {} features in {} fleets", report.rows, report.features, report.fleets);
  if (!report.nights.empty())
    text += fmt::format(", {} nights from {} to {}", report.nights.size(),
                        format_time(report.nights.front().time), format_time(report.nights.back().time));
  text += "\n";
  if (report.labelled)
    text += fmt::format("  labels: {} yes, {} no, {} unknown\n", report.label_yes, report.label_no,
                        report.label_unknown);
  if (report.missing_values > 0)
    text += fmt::format("  {} missing values kept as NaN\n", report.missing_values);
  if (report.missing_rows > 0)
    text += fmt::format("  {} rows left out for a missing value\n", report.missing_rows);
  return text + end_text(report, dry_run);
}

std::string text_of(const ImportFeedbackReport& report, bool dry_run) {
  std::string text =
      fmt::format("{} events on {} runs from {} sources\n", report.rows, report.runs, report.sources);
  text += fmt::format("  {} override, {} like, {} neutral, {} skipped, {} retract\n", report.kinds[0],
                      report.kinds[1], report.kinds[2], report.kinds[3], report.kinds[4]);
  return text + end_text(report, dry_run);
}

std::string text_of(const ImportLogReport& report, bool dry_run) {
  std::string text =
      fmt::format("{} rows over {} actions, rewards add up to {:g}, smallest propensity {:g}\n", report.rows,
                  report.actions, report.reward_sum, report.smallest_propensity);
  return text + end_text(report, dry_run);
}

char separator_of(const std::string& word) {
  if (word == "comma") return ',';
  if (word == "semicolon") return ';';
  return '\t';
}

class ImportCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("FILE", input_, "a CSV file, plain or gzip; - reads stdin"));
    required(options.path("output", output_, "the HDF5 file to make")).letter = 'o';
    required(options.choice("as", as_, {"scenarios", "feedback", "log"}, "what the rows are"));
    declare_scenario_columns(options);
    declare_feedback_columns(options);
    declare_log_columns(options);
    options.toggle("skip-bad", skip_bad_, "leave bad rows out and count them, instead of stopping");
    options.choice("separator", separator_, {"comma", "semicolon", "tab"}, "what stands between fields");
  }

  Report run(const RunContext& context) override {
    if (as_ == "log") return run_log(context);
    return as_ == "scenarios" ? run_scenarios(context) : run_feedback(context);
  }

 private:
  void declare_scenario_columns(OptionSet& options) {
    ScenarioColumns& columns = scenarios_.columns;
    options.text("id", "COLUMN", columns.id, "scenarios: who the row is about");
    options.text("time", "COLUMN", time_, "a date, an ISO 8601 time with zone, or seconds since 1970");
    options.text("fleet", "COLUMN", columns.fleet, "scenarios: the fleet (without: one fleet, \"all\")");
    options.list("features", "A,B,C", columns.features, "scenarios: feature columns, in this order");
    options.text("label", "COLUMN", columns.label,
                 "scenarios: 0, 1 or empty; with --label-horizon the event");
    options.text("label-known-at", "COLUMN", columns.label_known_at,
                 "scenarios: when the label became known");
    options.custom(
        {.name = "label-horizon",
         .meta = "DURATION",
         .help = "scenarios: label 1 iff the event comes within this time, for example 7d",
         .assign = [this](const auto& values) { scenarios_.label_horizon = parse_duration(values.front()); },
         .value =
             [this] {
               const auto& horizon = scenarios_.label_horizon;
               return horizon ? nlohmann::json(format_duration(*horizon)) : nlohmann::json();
             }});
    options.choice("id-type", ids_, {"auto", "number", "text"},
                   "scenarios: how ids are stored; auto looks at all of them");
    options.choice("missing", missing_, {"error", "nan", "drop"}, "scenarios: a feature without value");
    options.count("sort-memory", sort_megabytes_, 1,
                  "scenarios: MiB for sorting; more goes to a temporary file", std::uint64_t{1} << 20);
  }

  void declare_feedback_columns(OptionSet& options) {
    FeedbackColumns& columns = feedback_.columns;
    options.text("run", "COLUMN", columns.run, "feedback: run id of the decisions");
    options.text("row", "COLUMN", columns.row, "feedback: row within that run");
    options.text("kind", "COLUMN", columns.kind, "feedback: override, like, neutral, skipped or retract");
    options.text("source", "COLUMN", columns.source, "feedback: who answered");
    options.text("event-id", "COLUMN", columns.event_id, "feedback: a number that tells events apart");
  }

  void declare_log_columns(OptionSet& options) {
    LogColumns& columns = log_.columns;
    options.text("action", "COLUMN", columns.action, "log: what was done");
    options.text("reward", "COLUMN", columns.reward, "log: what came of it, a number");
    options.text("propensity", "COLUMN", columns.propensity, "log: with which probability it was done");
    options.text("position", "COLUMN", columns.position, "log: place in a ranking, from 1");
    options.text("cluster", "COLUMN", columns.cluster, "log: rows that are not independent share its value");
    options.list("context", "A,B,C", columns.context, "log: numbers known beforehand; * stands for any text");
    options.list("categories", "A,B,C", columns.categories, "log: texts known beforehand");
    options.list("reward-model", "A,B,C", columns.estimates,
                 "log: estimated rewards, a column for each action, for example 'q_*'");
    options.list("keep", "A,B,C", columns.others, "log: numbers that a target policy is made of");
    options.list("actions", "A,B,C", log_.actions,
                 "log: all actions of the policy (default: those that occur)");
  }

  Report run_scenarios(const RunContext& context) {
    scenarios_.input = input_;
    scenarios_.output = output_;
    scenarios_.columns.time = time_;
    scenarios_.missing = missing_ == "nan"    ? MissingPolicy::nan
                         : missing_ == "drop" ? MissingPolicy::drop
                                              : MissingPolicy::error;
    scenarios_.ids = ids_ == "number" ? IdStorage::number
                     : ids_ == "text" ? IdStorage::text
                                      : IdStorage::automatic;
    scenarios_.skip_bad = skip_bad_;
    scenarios_.separator = separator_of(separator_);
    scenarios_.memory_bytes = sort_megabytes_ << 20;
    const ImportScenariosReport report = import_scenarios(scenarios_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

  Report run_feedback(const RunContext& context) {
    feedback_.input = input_;
    feedback_.output = output_;
    if (!time_.empty()) feedback_.columns.time = time_;
    feedback_.skip_bad = skip_bad_;
    feedback_.separator = separator_of(separator_);
    const ImportFeedbackReport report = import_feedback(feedback_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

  Report run_log(const RunContext& context) {
    log_.input = input_;
    log_.output = output_;
    log_.columns.time = time_;
    log_.skip_bad = skip_bad_;
    log_.separator = separator_of(separator_);
    const ImportLogReport report = import_log(log_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

  ImportScenariosOptions scenarios_;
  ImportFeedbackOptions feedback_;
  ImportLogOptions log_;
  std::filesystem::path input_, output_;
  std::string as_, time_, ids_ = "auto", missing_ = "error", separator_ = "comma";
  std::uint64_t sort_megabytes_ = 512;
  bool skip_bad_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import_command() {
  return std::make_unique<ImportCommand>();
}

}  // namespace npo::cli

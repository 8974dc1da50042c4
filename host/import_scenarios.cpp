#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "host/import_nights.hpp"
#include "host/import_read.hpp"
#include "host/import_run.hpp"
#include "io/atomic_file.hpp"
#include "io/csv/byte_source.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, problem, remedy);
}

void check_features(const std::vector<std::string>& features) {
  if (features.empty()) refuse("scenarios need features", "pass --features A,B,C");
  if (features.size() > static_cast<std::size_t>(max_features))
    refuse(fmt::format("{} features are asked for", features.size()),
           fmt::format("at most {} are possible", max_features));
  std::set<std::string> seen;
  for (const auto& feature : features)
    if (!seen.insert(feature).second)
      refuse(fmt::format("feature '{}' is named twice", feature), "name it once");
}

void check(const ImportScenariosOptions& options) {
  const ScenarioColumns& columns = options.columns;
  if (columns.id.empty() || columns.time.empty())
    refuse("scenarios need an id and a time", "pass --id COLUMN and --time COLUMN");
  check_features(columns.features);
  if (options.label_horizon && columns.label.empty())
    refuse("a label horizon needs the column of the event", "pass --label COLUMN");
  if (options.label_horizon && *options.label_horizon < 0)
    refuse("the label horizon is negative", "pass a duration such as 7d");
  if (!columns.label_known_at.empty() && (columns.label.empty() || options.label_horizon))
    refuse("--label-known-at goes with --label and without --label-horizon",
           "with a horizon, labels are known when it ends");
}

std::string provenance(const ImportScenariosOptions& options, const ImportScenariosReport& report) {
  const ScenarioColumns& columns = options.columns;
  nlohmann::json json;
  json["command"] = "import";
  json["source"] = options.input == "-" ? "stdin" : options.input.filename().string();
  json["source_bytes"] = report.bytes_read;
  json["columns"] = {{"id", columns.id},
                     {"fleet", columns.fleet},
                     {"time", columns.time},
                     {"label", columns.label},
                     {"label_known_at", columns.label_known_at}};
  constexpr const char* missing[] = {"error", "nan", "drop"};
  json["missing"] = missing[static_cast<int>(options.missing)];
  json["skip_bad"] = options.skip_bad;
  if (options.label_horizon) json["label_horizon"] = *options.label_horizon;
  json["skipped_rows"] = report.skipped.count;
  json["missing_rows"] = report.missing_rows;
  json["missing_values"] = report.missing_values;
  json["labels"] = {{"yes", report.label_yes}, {"no", report.label_no}, {"unknown", report.label_unknown}};
  return json.dump();
}

ScenarioHeader header_of(const ImportScenariosOptions& options, const ImportScenariosReport& report) {
  ScenarioHeader header;
  header.id = report.id;
  header.features = options.columns.features;
  header.labelled = report.labelled;
  header.label_horizon = options.label_horizon.value_or(0);
  header.provenance = provenance(options, report);
  return header;
}

}  // namespace

ImportScenariosReport import_scenarios(const ImportScenariosOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  check(options);
  if (!context.dry_run) refuse_existing(options.output, context.overwrite);
  ImportScenariosReport report;
  report.source = csv::display_name(options.input);
  report.output = options.output.string();
  report.labelled = !options.columns.label.empty();
  report.features = options.columns.features.size();

  SpooledScenarios spool = spool_scenarios(options, context, report);
  const std::vector<std::uint32_t> fleet_code = spool.fleets.sort();
  const std::vector<std::string> fleets = spool.fleets.names();
  ImportNights nights(std::move(spool), options, context, report);
  if (options.skip_bad || context.dry_run) nights.find_doubles(report);
  report.id = nights.id();
  report.rows = nights.rows();
  report.fleets = fleets.size();
  if (!context.dry_run) {
    ScenarioWriter writer(options.output, header_of(options, report), report.rows, context.compression,
                          context.overwrite);
    report.nights = nights.write(writer, fleet_code);
    writer.finish(report.nights, fleets);
    report.bytes_written = std::filesystem::file_size(options.output);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo

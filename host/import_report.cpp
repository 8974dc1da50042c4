#include <nlohmann/json.hpp>

#include "host/import_run.hpp"
#include "host/time_text.hpp"

namespace npo {
namespace {

nlohmann::json common_json(const ImportReport& report) {
  return {{"source", report.source},
          {"output", report.output},
          {"rows", report.rows},
          {"skipped", {{"count", report.skipped.count}, {"first", report.skipped.reasons}}},
          {"bytes_read", report.bytes_read},
          {"bytes_written", report.bytes_written},
          {"seconds", report.seconds}};
}

}  // namespace

void SkippedRows::add(const std::string& reason) {
  constexpr std::size_t shown = 10;
  if (count++ < shown) reasons.push_back(reason);
}

nlohmann::json to_json(const ImportScenariosReport& report) {
  nlohmann::json json = common_json(report);
  json["features"] = report.features;
  json["fleets"] = report.fleets;
  json["nights"] = nlohmann::json::array();
  for (const Night& night : report.nights)
    json["nights"].push_back({{"night", format_time(night.time)}, {"rows", night.rows}});
  json["id"] = {{"type", report.id.text ? "text" : "integer"}, {"bytes", report.id.bytes}};
  if (report.labelled)
    json["labels"] = {{"yes", report.label_yes}, {"no", report.label_no}, {"unknown", report.label_unknown}};
  json["missing_values"] = report.missing_values;
  json["missing_rows"] = report.missing_rows;
  json["bytes_spilled"] = report.bytes_spilled;
  return json;
}

nlohmann::json to_json(const ImportFeedbackReport& report) {
  nlohmann::json json = common_json(report);
  json["runs"] = report.runs;
  json["sources"] = report.sources;
  json["kinds"] = {{"override", report.kinds[0]},
                   {"like", report.kinds[1]},
                   {"neutral", report.kinds[2]},
                   {"skipped", report.kinds[3]},
                   {"retract", report.kinds[4]}};
  return json;
}

nlohmann::json to_json(const ImportLogReport& report) {
  nlohmann::json json = common_json(report);
  json["actions"] = report.actions;
  json["reward_sum"] = report.reward_sum;
  json["smallest_propensity"] = report.smallest_propensity;
  return json;
}

}  // namespace npo

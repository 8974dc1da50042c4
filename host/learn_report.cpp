#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/learn_run.hpp"

namespace npo {
namespace {

nlohmann::json to_json(const MeanLoss& loss) {
  nlohmann::json json{{"answers", loss.answers}};
  json["loss"] = loss.answers > 0 ? nlohmann::json(loss.loss) : nlohmann::json();
  return json;
}

nlohmann::json to_json(const FleetReading& reading) {
  nlohmann::json signatures = nlohmann::json::array();
  for (const Signature signature : reading.signatures) signatures.push_back(describe(signature));
  return {{"fleet", reading.fleet},  {"decisions", reading.decisions}, {"loss", reading.loss},
          {"line", reading.line},    {"alarm", reading.alarm},         {"retrain", reading.retrain},
          {"signatures", signatures}};
}

}  // namespace

bool LearnReport::retrain_recommended() const {
  return std::ranges::any_of(fleets, &FleetReading::retrain);
}

nlohmann::json to_json(const LearnReport& report) {
  nlohmann::json alarms = nlohmann::json::array();
  for (const FleetReading& reading : report.fleets)
    if (reading.alarm || !reading.signatures.empty()) alarms.push_back(to_json(reading));
  return {{"events", report.events},
          {"applied", report.counts.applied},
          {"already_known", report.counts.already_known},
          {"retracted", report.counts.retracted},
          {"nothing_to_retract", report.counts.nothing_to_retract},
          {"late", report.counts.late},
          {"expired", report.expired},
          {"after_as_of", report.after_as_of},
          {"updates", report.counts.updates},
          {"prediction_loss", report.prediction_loss},
          {"scenarios", report.scenarios},
          {"changed", report.changed},
          {"generation", report.generation},
          {"round", report.round},
          {"feedback_loss",
           {{"before", to_json(report.before)},
            {"after", to_json(report.after)},
            {"call", to_json(report.call)}}},
          {"monitored_fleets", report.fleets.size()},
          {"retrain", report.retrain_recommended()},
          {"alarms", alarms}};
}

}  // namespace npo

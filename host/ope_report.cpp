#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/ope_run.hpp"
#include "host/text_table.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

Json json_of(const OpeInterval& interval) {
  if (!interval.ends) return {{"low", nullptr}, {"high", nullptr}, {"reason", interval.reason}};
  return {{"low", interval.ends->low}, {"high", interval.ends->high}};
}

Json json_of(const OpeEstimate& estimate, double logged) {
  if (!estimate.value) return {{"value", nullptr}, {"reason", estimate.reason}};
  Json json{{"value", *estimate.value},
            {"standard_error", estimate.standard_error},
            {"bootstrap", json_of(estimate.bootstrap)},
            {"empirical_bernstein", json_of(estimate.bernstein)},
            {"clopper_pearson", json_of(estimate.clopper_pearson)},
            {"gain", json_of(estimate.gain)}};
  json["gain"]["value"] = *estimate.value - logged;
  if (!estimate.chosen_by.empty()) {
    // JSON knows no infinity: null means that nothing is clipped, switched off or shrunk.
    json["parameter"] = std::isfinite(*estimate.parameter) ? Json(*estimate.parameter) : Json();
    json["chosen_by"] = estimate.chosen_by;
  }
  return json;
}

Json json_of(const WeightHistogram& histogram) {
  Json bins = Json::array();
  for (std::size_t k = 0; k < histogram.rows.size(); ++k) {
    const int power = histogram.first + static_cast<int>(k);
    bins.push_back({{"from", std::ldexp(1.0, power)},
                    {"to", std::ldexp(1.0, power + 1)},
                    {"rows", histogram.rows[k]},
                    {"weight", histogram.weight[k]}});
  }
  return {{"zero", histogram.zero}, {"bins", bins}};
}

std::string shown(const OpeInterval& interval) {
  return interval.ends ? fmt::format("[{:.6g}, {:.6g}]", interval.ends->low, interval.ends->high) : "-";
}

std::string shown_parameter(const OpeEstimate& estimate) {
  if (!estimate.parameter) return "";
  if (!std::isfinite(*estimate.parameter)) return "none";
  return fmt::format("{:g}", *estimate.parameter);
}

std::string weights_line(const char* what, const WeightSummary& weights) {
  std::string text = fmt::format(
      "{}: mean {:.4g} (should be 1; standard error {:.2g}), largest {:.5g}, effective rows {:.1f}", what,
      weights.mean, weights.mean_error, weights.largest, weights.effective_rows);
  if (weights.effective_clusters)
    text += fmt::format(", effective clusters {:.1f}", *weights.effective_clusters);
  return text + fmt::format(", {:.1f} % in the ten heaviest rows\n", 100.0 * weights.top_share);
}

}  // namespace

const char* verdict_of(const OpeReport& report) {
  return report.faults.empty() ? "the log can answer this" : "the log cannot answer this";
}

Json to_json(const OpeReport& report) {
  Json json{{"log", report.log},
            {"policy", report.policy},
            {"rows", report.rows},
            {"actions", report.actions},
            {"level", report.level},
            {"logged", json_of(report.logged_interval)},
            {"weights", to_json(report.weights)},
            {"weight_histogram", json_of(report.histogram)},
            {"reward_model", to_json(report.reward_model)},
            {"estimates", Json::object()},
            {"verdict", verdict_of(report)},
            {"reasons", report.faults},
            {"notes", report.notes},
            {"seconds", report.seconds}};
  json["logged"]["value"] = report.logged;
  if (report.clusters > 0) json["clusters"] = report.clusters;
  if (report.clip) {
    json["clip"] = *report.clip;
    json["clipped_weights"] = to_json(*report.clipped_weights);
  }
  json["unsupported"] = report.unsupported ? Json(*report.unsupported) : Json();
  for (const OpeEstimate& estimate : report.estimates)
    json["estimates"][std::string(name_of(estimate.estimator))] = json_of(estimate, report.logged);
  return json;
}

std::string to_table(const OpeReport& report) {
  std::string text = fmt::format("{} under {}: {} rows", report.policy, report.log, report.rows);
  if (report.clusters > 0) text += fmt::format(" in {} clusters", report.clusters);
  text += fmt::format(", {} actions\nlogged mean reward {:.6g} {}\n", report.actions, report.logged,
                      shown(report.logged_interval));
  text += weights_line("weights", report.weights);
  if (report.clipped_weights)
    text +=
        weights_line(fmt::format("weights clipped at {:g}", *report.clip).c_str(), *report.clipped_weights);
  if (report.reward_model.kind != "none")
    text += fmt::format("reward model: {}{}{}\n", report.reward_model.kind,
                        report.reward_model.actions == "each" ? ", one for each action" : "",
                        report.reward_model.actions == "one-hot" ? ", the action as indicators" : "");
  TextTable table({"estimator", "parameter", "estimate", "std. error",
                   fmt::format("{:g} % bootstrap", 100.0 * report.level), "Bernstein", "Clopper-Pearson",
                   "gain over the log"});
  for (const OpeEstimate& estimate : report.estimates) {
    if (!estimate.value) {
      table.add({std::string(name_of(estimate.estimator)), "", "-", "", "", "", "", ""});
      continue;
    }
    table.add({std::string(name_of(estimate.estimator)), shown_parameter(estimate),
               fmt::format("{:.6g}", *estimate.value), fmt::format("{:.2g}", estimate.standard_error),
               shown(estimate.bootstrap), shown(estimate.bernstein), shown(estimate.clopper_pearson),
               shown(estimate.gain)});
  }
  text += table.text();
  if (report.reward_model.kind == "none")
    text += fmt::format("no reward model: {}\n", report.reward_model.reason);
  for (const std::string& note : report.notes) text += fmt::format("note: {}\n", note);
  text += fmt::format("verdict: {}\n", verdict_of(report));
  for (const std::string& fault : report.faults) text += fmt::format("  {}\n", fault);
  return text;
}

}  // namespace npo

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "host/evaluate_run.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

Json to_json(const EvaluatedGroup& group, double level) {
  Json json = npo::to_json(group.counts, level);
  json["metrics"] = npo::to_json(group.metrics(level));
  json["name"] = group.name;
  if (!group.run_id.empty()) json["run_id"] = group.run_id;
  return json;
}

Json to_json(const std::vector<EvaluatedGroup>& groups, double level) {
  Json json = Json::array();
  for (const EvaluatedGroup& group : groups) json.push_back(to_json(group, level));
  return json;
}

Json compared(const Confusion& confusion, double level) {
  return {{"confusion", npo::to_json(confusion)},
          {"metrics", npo::to_json(confusion_metrics(confusion, level))}};
}

/// `0.412`, or a dash where it is undefined.
std::string shown(const std::vector<Metric>& metrics, std::string_view name) {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const Metric& m) { return m.name == name; });
  return found->value ? fmt::format("{:.3f}", *found->value) : "-";
}

/// `0.412 [0.301, 0.533]`, or why it is undefined.
std::string shown_with_interval(const Metric& metric) {
  if (!metric.value) return fmt::format("- ({})", metric.reason);
  if (!metric.interval) return fmt::format("{:.4f} ({})", *metric.value, metric.reason);
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", *metric.value, metric.interval->low, metric.interval->high);
}

constexpr std::string_view row_form =
    "{:<26} {:>10} {:>9} {:>7} {:>8} {:>7} {:>10} {:>9} {:>7} {:>7} {:>8} {:>7}\n";

std::string heading(std::string_view first) {
  return fmt::format(fmt::runtime(row_form), first, "decisions", "immature", "hits", "false", "missed",
                     "withheld ok", "precision", "recall", "F1", "override", "loss");
}

std::string table_row(const EvaluatedGroup& group, double level) {
  const Confusion& c = group.counts.confusion;
  const auto metrics = group.metrics(level);
  return fmt::format(fmt::runtime(row_form), group.name, group.counts.rows, group.counts.immature,
                     c.true_positive, c.false_positive, c.false_negative, c.true_negative,
                     shown(metrics, "precision"), shown(metrics, "recall"), shown(metrics, "f1"),
                     shown(metrics, "override_rate"), shown(metrics, "loss"));
}

std::string baseline_row(std::string_view name, const Confusion& c, double level) {
  const auto metrics = confusion_metrics(c, level);
  return fmt::format("{:<44} {:>8} {:>7} {:>8} {:>7} {:>9} {:>7} {:>7}\n", name,
                     c.true_positive + c.false_positive, c.true_positive, c.false_positive, c.false_negative,
                     shown(metrics, "precision"), shown(metrics, "recall"), shown(metrics, "f1"));
}

std::string baseline_table(const BaselineReport& baseline, const Confusion& ours, double level) {
  std::string text =
      fmt::format("\nBaseline: {}\n{:<44} {:>8} {:>7} {:>8} {:>7} {:>9} {:>7} {:>7}\n", baseline.rule, "",
                  "alarms", "hits", "false", "missed", "precision", "recall", "F1");
  text += baseline_row("npo", ours, level);
  text += baseline_row("the rule", baseline.full, level);
  text += baseline_row("npo, at an equal number of alarms a night", baseline.ours_capped, level);
  text += baseline_row("the rule, at an equal number of alarms", baseline.capped, level);
  return text;
}

}  // namespace

std::vector<Metric> EvaluatedGroup::metrics(double level) const {
  std::vector<Metric> all = metrics_of(counts, level);
  for (const Metric& metric : more) {
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Metric& m) { return m.name == metric.name; });
    if (same == all.end())
      all.push_back(metric);
    else
      *same = metric;
  }
  return all;
}

Json outline_of(const EvaluateReport& report) {
  Json json = {{"total", to_json(report.total, report.level)},
               {"nights", to_json(report.nights, report.level)},
               {"answers_from", report.answers_from},
               {"answers_elsewhere", report.answers_elsewhere},
               {"unknown_scenarios", report.unknown_scenarios},
               {"level", report.level},
               {"seconds", report.seconds}};
  if (!report.fleets.empty()) json["fleets"] = Json::array();
  if (report.baseline)
    json["baseline"] = {{"rule", report.baseline->rule},
                        {"full", compared(report.baseline->full, report.level)},
                        {"capped", compared(report.baseline->capped, report.level)},
                        {"ours_capped", compared(report.baseline->ours_capped, report.level)}};
  if (report.scores) {
    const Json scores = outline_of(*report.scores);
    for (const char* key : {"curve", "reliability", "ranked_by", "worst", "best", "settings", "clustered"})
      json[key] = scores.at(key);
    json["unscored"] = report.unscored;
  }
  return json;
}

std::vector<JsonList> group_lists(const std::shared_ptr<const EvaluateReport>& report) {
  if (report->fleets.empty()) return {};
  return {{.place = {"fleets"}, .count = report->fleets.size(), .element = [report](std::size_t f) {
             return to_json(report->fleets[f], report->level);
           }}};
}

Json to_json(const EvaluateReport& report) {
  Json json = outline_of(report);
  if (!report.fleets.empty()) json["fleets"] = to_json(report.fleets, report.level);
  return json;
}

std::string to_table(const EvaluateReport& report) {
  std::string text = heading("night");
  for (const EvaluatedGroup& night : report.nights) text += table_row(night, report.level);
  text += table_row(report.total, report.level);
  if (!report.fleets.empty()) text += fmt::format("\n{}", heading("fleet"));
  for (const EvaluatedGroup& fleet : report.fleets) text += table_row(fleet, report.level);
  text += fmt::format("\nTotal, with {:g} % intervals (answers from {}):\n", 100.0 * report.level,
                      report.answers_from);
  for (const Metric& metric : report.total.metrics(report.level))
    text += fmt::format("  {:<22} {}\n", metric.name, shown_with_interval(metric));
  if (report.scores) text += extremes_text(*report.scores);
  if (report.baseline) text += baseline_table(*report.baseline, report.total.counts.confusion, report.level);
  return text;
}

}  // namespace npo

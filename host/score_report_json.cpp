#include <nlohmann/json.hpp>

#include "host/score_report.hpp"
#include "host/shortest_number.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

/// Counts are whole numbers where rows count once.
Json weight_json(std::uint64_t units, double unit) {
  if (unit == 1.0) return units;
  return static_cast<double>(units) * unit;
}

Json confusion_json(const Confusion& c, double unit) {
  return {{"true_positive", weight_json(c.true_positive, unit)},
          {"false_positive", weight_json(c.false_positive, unit)},
          {"false_negative", weight_json(c.false_negative, unit)},
          {"true_negative", weight_json(c.true_negative, unit)}};
}

Json bounds_json(const std::optional<BoundedMetric>& bounds) {
  if (!bounds) return nullptr;
  return {{"low", bounds->low}, {"high", bounds->high}};
}

Json curve_json(const ScoreEvaluation& report) {
  Json points = Json::array();
  const double unit = report.total.scores.weight_unit;
  for (const CurvePoint& point : report.curve.points) {
    Json json = {{"threshold", shortest_double(point.threshold)},
                 {"true_positive", weight_json(point.true_positive, unit)},
                 {"false_positive", weight_json(point.false_positive, unit)},
                 {"false_negative", weight_json(report.curve.positives - point.true_positive, unit)},
                 {"true_negative", weight_json(report.curve.negatives - point.false_positive, unit)}};
    if (report.settings.cost) json["cost"] = report.curve.cost_at(point, *report.settings.cost);
    points.push_back(std::move(json));
  }
  return points;
}

Json reliability_json(const CalibrationSummary& calibration) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : calibration.bins) {
    Json json = {{"low", bin.low}, {"high", bin.high}, {"rows", bin.rows}};
    const bool empty = !(bin.weight > 0.0);
    json["mean_score"] = empty ? Json() : Json(bin.mean_score);
    json["rate"] = empty ? Json() : Json(bin.rate);
    bins.push_back(std::move(json));
  }
  return bins;
}

Json settings_json(const ScoreEvaluation& report) {
  const MetricSettings& settings = report.settings;
  Json json = {{"level", settings.level},
               {"beta", settings.beta},
               {"bootstrap", settings.bootstrap},
               {"seed", settings.seed},
               {"threshold", report.threshold ? Json(*report.threshold) : Json()}};
  if (settings.cost)
    json["cost"] = {{"true_positive", settings.cost->true_positive},
                    {"false_positive", settings.cost->false_positive},
                    {"false_negative", settings.cost->false_negative},
                    {"true_negative", settings.cost->true_negative}};
  return json;
}

Json named(const ScoredGrouping& grouping, const std::vector<std::size_t>& indices) {
  Json names = Json::array();
  for (const std::size_t g : indices) names.push_back(grouping.groups[g].name);
  return names;
}

}  // namespace

Json to_json(const ScoredGroup& group) {
  const GroupScores& scores = group.scores;
  Json json = {{"name", group.name},
               {"rows", scores.rows + group.unknown},
               {"unknown", group.unknown},
               {"positives", weight_json(scores.ranked.positives, scores.weight_unit)},
               {"negatives", weight_json(scores.ranked.negatives, scores.weight_unit)},
               {"metrics", to_json(group.metrics)}};
  if (group.bounds)
    json["bounds"] = {{"auroc", bounds_json(group.bounds->auroc)},
                      {"average_precision", bounds_json(group.bounds->average_precision)}};
  if (scores.decided.matured() > 0) json["confusion"] = confusion_json(scores.decided, scores.weight_unit);
  return json;
}

Json outline_of(const ScoreEvaluation& report) {
  Json groups = Json::object(), worst = Json::object(), best = Json::object();
  for (const ScoredGrouping& grouping : report.groupings) {
    groups[grouping.column] = Json::array();
    if (grouping.over_time) continue;
    worst[grouping.column] = named(grouping, grouping.worst);
    best[grouping.column] = named(grouping, grouping.best);
  }
  return {{"total", to_json(report.total)},
          {"groups", std::move(groups)},
          {"ranked_by", report.ranked_by},
          {"worst", std::move(worst)},
          {"best", std::move(best)},
          {"curve", curve_json(report)},
          {"reliability", reliability_json(report.total.scores.calibration)},
          {"settings", settings_json(report)},
          {"clustered", report.clustered},
          {"weighted", report.weighted},
          {"skipped", report.skipped}};
}

std::vector<JsonList> group_lists(const std::shared_ptr<const ScoreEvaluation>& report) {
  std::vector<JsonList> lists;
  for (const ScoredGrouping& grouping : report->groupings)
    lists.push_back({.place = {"groups", grouping.column},
                     .count = grouping.groups.size(),
                     .element = [report, &grouping](std::size_t g) { return to_json(grouping.groups[g]); }});
  return lists;
}

}  // namespace npo

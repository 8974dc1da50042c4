#include "host/evaluation_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/svg_chart.hpp"

namespace npo {
namespace {

/// Rates at one threshold.
struct Rates {
  double recall, false_positive_rate, precision;
};

Rates rates_of(double hits, double alarms, double positives, double negatives) {
  return {positives > 0.0 ? hits / positives : 0.0, negatives > 0.0 ? alarms / negatives : 0.0,
          hits + alarms > 0.0 ? hits / (hits + alarms) : 1.0};
}

Rates rates_at(const ScoreCurve& curve, const CurvePoint& point) {
  return rates_of(static_cast<double>(point.true_positive), static_cast<double>(point.false_positive),
                  static_cast<double>(curve.positives), static_cast<double>(curve.negatives));
}

std::optional<Rates> rates_of_decisions(const ScoreEvaluation& evaluation) {
  const Confusion& c = evaluation.total.scores.decided;
  if (c.matured() == 0) return std::nullopt;
  return rates_of(static_cast<double>(c.true_positive), static_cast<double>(c.false_positive),
                  static_cast<double>(evaluation.curve.positives),
                  static_cast<double>(evaluation.curve.negatives));
}

std::string shown(const ScoreEvaluation& evaluation, std::string_view name) {
  const Metric* metric = evaluation.total.find(name);
  if (!metric || !metric->value) return "undefined";
  if (!metric->interval) return fmt::format("{:.3f}", *metric->value);
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", *metric->value, metric->interval->low,
                     metric->interval->high);
}

ChartAxis threshold_axis(const ScoreEvaluation& evaluation) {
  const auto& points = evaluation.curve.points;
  ChartAxis axis{.low = 0.0, .high = 1.0, .label = "threshold"};
  if (points.empty()) return axis;
  const double low = static_cast<double>(points.back().threshold),
               high = static_cast<double>(points.front().threshold);
  if (low >= 0.0 && high <= 1.0) return axis;
  return {.low = low, .high = high > low ? high : low + 1.0, .label = "threshold"};
}

}  // namespace

std::string roc_chart(const ScoreEvaluation& evaluation) {
  SvgChart chart({.label = "false positive rate"}, {.label = "recall"},
                 fmt::format("ROC curve, AUROC {}", shown(evaluation, "auroc")));
  const std::vector<ChartPoint> diagonal{{0.0, 0.0}, {1.0, 1.0}};
  chart.line(diagonal, "reference");
  std::vector<ChartPoint> points{{0.0, 0.0}};
  for (const CurvePoint& point : evaluation.curve.points) {
    const Rates rates = rates_at(evaluation.curve, point);
    points.push_back({rates.false_positive_rate, rates.recall});
  }
  chart.line(points, "a");
  chart.note({0.98, 0.06}, fmt::format("AUROC {}", shown(evaluation, "auroc")), "note", true);
  if (const auto now = rates_of_decisions(evaluation)) {
    const ChartPoint at{now->false_positive_rate, now->recall};
    chart.dot(at, "mark", fmt::format("as decided: recall {:.3f}, false positive rate {:.4f}", at.y, at.x));
    chart.note({at.x, at.y - 0.03}, "as decided", "note strong");
  }
  return chart.text();
}

std::string precision_recall_chart(const ScoreEvaluation& evaluation) {
  SvgChart chart(
      {.label = "recall"}, {.label = "precision"},
      fmt::format("Precision over recall, average precision {}", shown(evaluation, "average_precision")));
  const double positives = static_cast<double>(evaluation.curve.positives);
  const double all = positives + static_cast<double>(evaluation.curve.negatives);
  const double share = all > 0.0 ? positives / all : 0.0;
  const std::vector<ChartPoint> no_skill{{0.0, share}, {1.0, share}};
  chart.line(no_skill, "reference");
  std::vector<ChartPoint> points;
  for (const CurvePoint& point : evaluation.curve.points) {
    const Rates rates = rates_at(evaluation.curve, point);
    if (points.empty()) points.push_back({0.0, rates.precision});
    points.push_back({rates.recall, rates.precision});
  }
  chart.line(points, "a");
  // A good curve runs through the top, a poor one through the bottom, where the share of positives lies too.
  const auto& average = evaluation.total.scores.ranked.average_precision;
  const bool good = average && *average > 0.5;
  const double below = share > 0.12 ? 0.04 : 0.2;
  chart.note({good ? 0.02 : 0.98, good ? below : 0.95},
             fmt::format("average precision {}", shown(evaluation, "average_precision")), "note", !good);
  if (const auto now = rates_of_decisions(evaluation)) {
    const bool to_left = now->recall > 0.6;
    chart.dot({now->recall, now->precision}, "mark",
              fmt::format("as decided: precision {:.3f}, recall {:.3f}", now->precision, now->recall));
    chart.note({now->recall, now->precision + 0.04}, "as decided", "note strong", to_left);
  }
  return chart.text();
}

std::string reliability_chart(const ScoreEvaluation& evaluation) {
  const auto& bins = evaluation.total.scores.calibration.bins;
  if (bins.empty()) return {};
  SvgChart chart({.label = "mean score"}, {.label = "share that happened"},
                 fmt::format("Reliability, expected calibration error {}", shown(evaluation, "ece")));
  std::uint64_t most = 1;
  for (const ReliabilityBin& bin : bins) most = std::max(most, bin.rows);
  // Bars of how many rows a bin holds, on a log scale, in the lowest fifth.
  for (const ReliabilityBin& bin : bins)
    if (bin.rows > 0)
      chart.bar(bin.low, bin.high,
                0.2 * std::log1p(static_cast<double>(bin.rows)) / std::log1p(static_cast<double>(most)),
                "area");
  const std::vector<ChartPoint> diagonal{{0.0, 0.0}, {1.0, 1.0}};
  chart.line(diagonal, "reference");
  std::vector<ChartPoint> points;
  for (const ReliabilityBin& bin : bins) {
    if (!(bin.weight > 0.0)) continue;
    const auto hits = static_cast<std::uint64_t>(std::lround(bin.rate * static_cast<double>(bin.rows)));
    const Interval interval = wilson_interval(hits, bin.rows, evaluation.settings.level);
    chart.whisker(bin.mean_score, interval.low, interval.high, "a thin");
    points.push_back({bin.mean_score, bin.rate});
  }
  chart.line(points, "a");
  std::size_t next = 0;
  for (const ReliabilityBin& bin : bins)
    if (bin.weight > 0.0)
      chart.dot(points[next++], "dot",
                fmt::format("scores {:g} to {:g}: {} rows, mean score {:.4f}, happened {:.4f}", bin.low,
                            bin.high, bin.rows, bin.mean_score, bin.rate));
  chart.note({0.02, 0.95}, fmt::format("ECE {}", shown(evaluation, "ece")));
  return chart.text();
}

std::string threshold_chart(const ScoreEvaluation& evaluation) {
  SvgChart chart(threshold_axis(evaluation), {.label = "rate"}, "Precision and recall over the threshold");
  std::vector<ChartPoint> precision, recall;
  for (const CurvePoint& point : evaluation.curve.points) {
    const Rates rates = rates_at(evaluation.curve, point);
    const double threshold = static_cast<double>(point.threshold);
    precision.push_back({threshold, rates.precision});
    recall.push_back({threshold, rates.recall});
  }
  if (evaluation.threshold) chart.upright(*evaluation.threshold, "reference");
  chart.line(precision, "a");
  chart.line(recall, "b dashed");
  chart.legend("precision", "a");
  chart.legend("recall", "b dashed");
  return chart.text();
}

std::string cost_chart(const ScoreEvaluation& evaluation) {
  const CostMatrix cost =
      evaluation.settings.cost.value_or(CostMatrix{.false_positive = 1.0, .false_negative = 1.0});
  std::vector<ChartPoint> points;
  for (const CurvePoint& point : evaluation.curve.points)
    points.push_back({static_cast<double>(point.threshold), evaluation.curve.cost_at(point, cost)});
  if (points.empty()) return {};
  const auto by_cost = [](const ChartPoint& a, const ChartPoint& b) { return a.y < b.y; };
  const auto [least, most] = std::minmax_element(points.begin(), points.end(), by_cost);
  const double low = std::min(0.0, least->y), high = most->y > low ? most->y * 1.05 : low + 1.0;
  SvgChart chart(threshold_axis(evaluation), {.low = low, .high = high, .label = "mean cost of a row"},
                 fmt::format("Cost over the threshold, least {:.4g} at {:.4g}", least->y, least->x));
  if (evaluation.threshold) chart.upright(*evaluation.threshold, "reference");
  chart.line(points, "a");
  chart.dot(*least, "mark", fmt::format("least cost {:.6g} at threshold {:.6g}", least->y, least->x));
  const bool to_left = least->x > 0.5 * (points.front().x + points.back().x);
  const bool near_axis = least->y - low < 0.15 * (high - low);
  chart.note({least->x, least->y + (near_axis ? 0.06 : -0.05) * (high - low)},
             fmt::format("least {:.4g} at {:.4g}", least->y, least->x), "note strong", to_left);
  return chart.text();
}

std::string time_chart(const EvaluationSummary& summary, const std::string& kind) {
  std::vector<const SummaryGroup*> groups;
  for (const SummaryGroup& group : summary.groups)
    if (group.kind == kind) groups.push_back(&group);
  if (groups.size() < 2) return {};
  double high = 0.0;
  for (const SummaryGroup* group : groups) {
    const Metric* metric = group->find(summary.ranked_by);
    if (metric && metric->value)
      high = std::max(high, metric->interval ? metric->interval->high : *metric->value);
  }
  const double last = static_cast<double>(groups.size() - 1);
  ChartAxis x{.low = -0.5, .high = last + 0.5, .label = kind};
  for (const double tick : round_ticks(0.0, last, std::min(4, static_cast<int>(last)))) {
    x.ticks.push_back(tick);
    x.tick_names.push_back(groups[static_cast<std::size_t>(tick)]->name);
  }
  SvgChart chart(
      std::move(x),
      {.low = 0.0, .high = high > 0.0 ? std::min(1.0, 1.1 * high) : 1.0, .label = summary.ranked_by},
      fmt::format("{} over time", summary.ranked_by));
  std::vector<ChartPoint> points;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Metric* metric = groups[i]->find(summary.ranked_by);
    if (!metric || !metric->value) continue;
    const double x = static_cast<double>(i);
    if (metric->interval) chart.whisker(x, metric->interval->low, metric->interval->high, "a thin");
    points.push_back({x, *metric->value});
  }
  chart.line(points, "a");
  for (const ChartPoint& point : points)
    chart.dot(point, "dot",
              fmt::format("{}: {:.4f}", groups[static_cast<std::size_t>(point.x)]->name, point.y));
  return chart.text();
}

}  // namespace npo

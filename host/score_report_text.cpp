#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/score_report.hpp"
#include "host/text_table.hpp"
#include "host/time_text.hpp"

namespace npo {
namespace {

constexpr std::size_t shown_groups = 20;

std::string number(double value) {
  return fmt::format("{:.4f}", value);
}

std::string weight_text(std::uint64_t units, double unit) {
  return unit == 1.0 ? std::to_string(units) : fmt::format("{:.6g}", static_cast<double>(units) * unit);
}

std::string metric_table(const ScoredGroup& group, double level) {
  TextTable table({"metric", "value", fmt::format("{:g} % low", 100.0 * level), "high", "interval"});
  for (const Metric& metric : group.metrics) {
    if (!metric.value)
      table.add({metric.name, "-", "", "", metric.reason});
    else if (!metric.interval)
      table.add({metric.name, number(*metric.value), "-", "-", metric.reason});
    else
      table.add({metric.name, number(*metric.value), number(metric.interval->low),
                 number(metric.interval->high), metric.method});
  }
  return table.text();
}

std::string cell(const ScoredGroup& group, std::string_view name) {
  const Metric* metric = group.find(name);
  return metric && metric->value ? number(*metric->value) : "-";
}

std::string group_table(const ScoredGrouping& grouping, const std::string& ranked_by) {
  std::vector<std::string_view> columns{"precision", "recall", "f1", "auroc", "average_precision", "brier"};
  if (std::find(columns.begin(), columns.end(), ranked_by) == columns.end()) columns.push_back(ranked_by);
  std::vector<std::string> headings{grouping.column, "rows", "positives"};
  for (const auto column : columns) headings.emplace_back(column);
  headings.push_back(fmt::format("{} interval", ranked_by));
  TextTable table(std::move(headings));
  for (std::size_t g = 0; g < std::min(shown_groups, grouping.groups.size()); ++g) {
    const ScoredGroup& group = grouping.groups[g];
    std::vector<std::string> cells{group.name, std::to_string(group.scores.rows),
                                   weight_text(group.scores.ranked.positives, group.scores.weight_unit)};
    for (const auto column : columns) cells.push_back(cell(group, column));
    const Metric* metric = group.find(ranked_by);
    cells.push_back(metric->interval
                        ? fmt::format("{:.3f} to {:.3f}", metric->interval->low, metric->interval->high)
                        : "-");
    table.add(std::move(cells));
  }
  std::string text = fmt::format("\n{}", table.text());
  if (grouping.groups.size() > shown_groups)
    text += fmt::format("... and {} more (--json has all)\n", grouping.groups.size() - shown_groups);
  return text;
}

std::string extremes(const ScoredGrouping& grouping, const std::string& ranked_by) {
  const auto names = [&](const std::vector<std::size_t>& indices) {
    std::vector<std::string_view> list;
    for (const std::size_t g : indices) list.push_back(grouping.groups[g].name);
    return fmt::format("{}", fmt::join(list, ", "));
  };
  if (grouping.worst.empty() || grouping.groups.size() < 2) return {};
  return fmt::format("worst by {}: {}\nbest by {}: {}\n", ranked_by, names(grouping.worst), ranked_by,
                     names(grouping.best));
}

std::string head(const ScoreEvaluation& report) {
  const GroupScores& scores = report.total.scores;
  std::string text = fmt::format(
      "{} rows with a known outcome ({} unknown): {} happened, {} did not{}\n", scores.rows,
      report.total.unknown, weight_text(scores.ranked.positives, scores.weight_unit),
      weight_text(scores.ranked.negatives, scores.weight_unit), report.weighted ? " (weighted)" : "");
  if (report.skipped > 0) text += fmt::format("{} bad rows were left out\n", report.skipped);
  const Confusion& c = scores.decided;
  if (c.matured() > 0)
    text += fmt::format(
        "hits {}, false alarms {}, missed {}, rightly withheld {}\n",
        weight_text(c.true_positive, scores.weight_unit), weight_text(c.false_positive, scores.weight_unit),
        weight_text(c.false_negative, scores.weight_unit), weight_text(c.true_negative, scores.weight_unit));
  return text;
}

std::string bounds_text(const ScoredGroup& group) {
  if (!group.bounds || !group.bounds->auroc || !group.bounds->average_precision) return {};
  const BoundedMetric &auroc = *group.bounds->auroc, &average = *group.bounds->average_precision;
  return fmt::format(
      "from a histogram: the exact auroc lies in [{:.7f}, {:.7f}], average_precision in [{:.7f}, {:.7f}]\n",
      auroc.low, auroc.high, average.low, average.high);
}

std::string cheapest(const ScoreEvaluation& report) {
  if (!report.settings.cost || report.curve.points.empty()) return {};
  const auto& points = report.curve.points;
  const auto least = std::min_element(points.begin(), points.end(), [&](const auto& a, const auto& b) {
    return report.curve.cost_at(a, *report.settings.cost) < report.curve.cost_at(b, *report.settings.cost);
  });
  return fmt::format("cheapest threshold on these rows: {:g}, at a mean cost of {:.6g}\n", least->threshold,
                     report.curve.cost_at(*least, *report.settings.cost));
}

}  // namespace

std::string extremes_text(const ScoreEvaluation& evaluation) {
  std::string text;
  for (const ScoredGrouping& grouping : evaluation.groupings)
    text += extremes(grouping, evaluation.ranked_by);
  return text;
}

std::string to_text(const ScoreEvaluation& report) {
  std::string text = fmt::format("{}\n{}{}", head(report), metric_table(report.total, report.settings.level),
                                 cheapest(report) + bounds_text(report.total));
  for (const ScoredGrouping& grouping : report.groupings)
    text += group_table(grouping, report.ranked_by) + extremes(grouping, report.ranked_by);
  return text;
}

}  // namespace npo

#include "host/evaluation_summary.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace npo {
namespace {

void add(const std::string& kind, const std::vector<EvaluatedGroup>& groups, EvaluationSummary& summary) {
  for (const EvaluatedGroup& group : groups)
    summary.groups.push_back({kind, group.name, group.counts.rows, group.metrics(summary.level)});
}

}  // namespace

const Metric* SummaryGroup::find(std::string_view metric) const {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const Metric& m) { return m.name == metric; });
  return found == metrics.end() ? nullptr : &*found;
}

EvaluationSummary summarise(const EvaluateReport& report) {
  EvaluationSummary summary{.title = fmt::format("{} nights of decisions", report.nights.size()),
                            .groups = {},
                            .scores = report.scores ? &*report.scores : nullptr,
                            .ranked_by = report.scores ? report.scores->ranked_by : "f1",
                            .level = report.level};
  if (report.nights.size() == 1) summary.title = fmt::format("Decisions of {}", report.nights.front().name);
  add("total", {report.total}, summary);
  add("night", report.nights, summary);
  add("fleet", report.fleets, summary);
  return summary;
}

EvaluationSummary summarise(const ScoreEvaluation& evaluation, const std::string& title) {
  EvaluationSummary summary{.title = title,
                            .groups = {},
                            .scores = &evaluation,
                            .ranked_by = evaluation.ranked_by,
                            .level = evaluation.settings.level};
  const auto add_group = [&](const std::string& kind, const ScoredGroup& group) {
    summary.groups.push_back({kind, group.name, group.scores.rows + group.unknown, group.metrics});
  };
  add_group("total", evaluation.total);
  for (const ScoredGrouping& grouping : evaluation.groupings)
    for (const ScoredGroup& group : grouping.groups) add_group(grouping.column, group);
  return summary;
}

}  // namespace npo

#pragma once
#include <string>
#include <vector>

#include "host/evaluate_run.hpp"
#include "host/score_report.hpp"

namespace npo {

/// A group of an evaluation, for exports: the total, a night, a fleet, a value of a column.
struct SummaryGroup {
  std::string kind;  ///< "total", "night", "fleet", or the column
  std::string name;
  std::uint64_t rows = 0;
  std::vector<Metric> metrics;
  const Metric* find(std::string_view metric) const;
};

/// What exports show of an evaluation of decisions or of a table.
struct EvaluationSummary {
  std::string title;
  std::vector<SummaryGroup> groups;         ///< the total first
  const ScoreEvaluation* scores = nullptr;  ///< may be null
  std::string ranked_by;
  double level = 0.95;
};

EvaluationSummary summarise(const EvaluateReport& report);
EvaluationSummary summarise(const ScoreEvaluation& evaluation, const std::string& title);

/// A text for Prometheus' textfile collector: gauges npo_evaluate_METRIC, with _low and _high where there is
/// an interval, and npo_evaluate_rows, labelled by kind and name of the group. Undefined metrics are left
/// out.
std::string prometheus_text(const EvaluationSummary& summary);

/// A self-contained page: figures, metrics, groups. No script, no network; light and dark.
std::string html_page(const EvaluationSummary& summary);

}  // namespace npo

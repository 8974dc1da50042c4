#include <fmt/format.h>

#include <set>

#include "host/evaluation_charts.hpp"
#include "host/evaluation_summary.hpp"
#include "host/svg_chart.hpp"

namespace npo {
namespace {

constexpr std::size_t most_in_forest = 40;

/// Colours are Okabe and Ito's, which people of every colour vision tell apart; lines differ in dashes too.
constexpr std::string_view style = R"(
:root { --page: #ffffff; --ink: #1d2430; --soft: #5b6472; --grid: #e4e7ec; --card: #f6f7f9; --a: #0072b2; --b: #d55e00; --mark: #d55e00; --area: #cfdbe6; }
@media (prefers-color-scheme: dark) { :root { --page: #14181f; --ink: #e8ebf0; --soft: #a2abba; --grid: #2b323d; --card: #1c222b; --a: #56b4e9; --b: #e69f00; --mark: #e69f00; --area: #2d4456; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 34px 0 10px; } p { margin: 4px 0; color: var(--soft); }
.tiles, .charts { display: grid; gap: 14px; } .tiles { grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); margin-top: 18px; }
.charts { grid-template-columns: repeat(auto-fill, minmax(350px, 1fr)); }
.tile, figure { background: var(--card); border-radius: 8px; margin: 0; padding: 12px 14px; }
.tile b { display: block; font-size: 24px; font-weight: 600; } .tile span { color: var(--soft); font-size: 13px; }
figcaption { font-weight: 600; margin-bottom: 4px; } figure small { font-weight: 400; color: var(--soft); }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); fill: none; } .tick { fill: var(--soft); font-size: 11px; }
.label { fill: var(--ink); } .note { fill: var(--soft); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; } .strong { fill: var(--ink); font-weight: 600; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .a { stroke: var(--a); } .b { stroke: var(--b); }
.thin { stroke-width: 1.3; } .dashed { stroke-dasharray: 6 3; } .reference { stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 3 4; }
.dot { fill: var(--a); } .mark { fill: var(--mark); stroke: var(--page); stroke-width: 1.5; } .area { fill: var(--area); }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--grid); }
th { color: var(--soft); font-weight: 600; } td.n { text-align: right; font-variant-numeric: tabular-nums; } th.n { text-align: right; }
.scroll { overflow-x: auto; }
)";

std::string number(double value) {
  return fmt::format("{:.4f}", value);
}

std::string tile(const SummaryGroup& total, const char* name) {
  const Metric* metric = total.find(name);
  if (!metric || !metric->value) return {};
  const std::string interval =
      metric->interval ? fmt::format("{:.3f} to {:.3f}", metric->interval->low, metric->interval->high)
                       : std::string("&nbsp;");
  return fmt::format(R"(<div class="tile"><span>{}</span><b>{:.3f}</b><span>{}</span></div>)",
                     html_escaped(metric->name), *metric->value, interval);
}

std::string tiles(const SummaryGroup& total) {
  std::string text = R"(<div class="tiles">)";
  for (const char* name : {"precision", "recall", "f1", "auroc", "average_precision", "brier",
                           "override_rate", "loss", "cost", "incident_recall"})
    text += tile(total, name);
  return text + "</div>";
}

std::string figure(std::string_view caption, std::string_view note, const std::string& chart) {
  if (chart.empty()) return {};
  return fmt::format("<figure><figcaption>{} <small>{}</small></figcaption>{}</figure>\n", caption, note,
                     chart);
}

std::string charts(const ScoreEvaluation& evaluation) {
  const std::string cost = evaluation.settings.cost ? "as given" : "every mistake costs 1";
  return R"(<div class="charts">)" + figure("ROC", "dashed: no skill", roc_chart(evaluation)) +
         figure("Precision and recall", "dashed: share of positives", precision_recall_chart(evaluation)) +
         figure("Reliability", "bars: rows in a bin, log scale", reliability_chart(evaluation)) +
         figure("Threshold", evaluation.threshold ? "dashed: the threshold in force" : "",
                threshold_chart(evaluation)) +
         figure("Cost of a threshold", cost, cost_chart(evaluation)) + "</div>";
}

std::string metric_table(const SummaryGroup& total, double level) {
  std::string text = fmt::format(
      R"(<div class="scroll"><table><tr><th>metric</th><th class="n">value</th><th class="n">{:g} % low</th><th class="n">high</th><th>interval by</th></tr>)",
      100.0 * level);
  for (const Metric& metric : total.metrics) {
    const auto cell = [](const std::optional<double>& value) {
      return value ? number(*value) : std::string("–");
    };
    const auto low = metric.interval ? std::optional(metric.interval->low) : std::nullopt;
    const auto high = metric.interval ? std::optional(metric.interval->high) : std::nullopt;
    text += fmt::format(
        R"(<tr><td>{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td><td>{}</td></tr>)",
        html_escaped(metric.name), cell(metric.value), cell(low), cell(high),
        html_escaped(metric.interval ? metric.method : metric.reason));
  }
  return text + "</table></div>";
}

/// Kinds of groups in the order they stand in, without the total.
std::vector<std::string> kinds_of(const EvaluationSummary& summary) {
  std::vector<std::string> kinds;
  for (const SummaryGroup& group : summary.groups)
    if (group.kind != "total" && (kinds.empty() || kinds.back() != group.kind)) kinds.push_back(group.kind);
  return kinds;
}

}  // namespace

std::string html_page(const EvaluationSummary& summary) {
  const SummaryGroup& total = summary.groups.front();
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{0}</title>"
      "<style>{1}</style></head><body><main><h1>{0}</h1><p>{2} rows; intervals at {3:g} %</p>\n",
      html_escaped(summary.title), style, total.rows, 100.0 * summary.level);
  page += tiles(total);
  if (summary.scores) page += fmt::format("<h2>Over all thresholds</h2>\n{}", charts(*summary.scores));
  for (const std::string& kind : kinds_of(summary)) {
    const bool over_time = kind == "night" || kind == "day";
    const std::string chart =
        over_time ? time_chart(summary, kind) : forest_chart(summary, kind, most_in_forest);
    if (chart.empty()) continue;
    page += fmt::format("<h2>By {}</h2>\n", html_escaped(kind));
    page += over_time ? fmt::format(R"(<div class="charts">{}</div>)", figure(summary.ranked_by, "", chart))
                      : figure(summary.ranked_by, "the best first; dashed: all rows", chart);
  }
  page += fmt::format("<h2>Metrics</h2>\n{}</main></body></html>\n", metric_table(total, summary.level));
  return page;
}

}  // namespace npo

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/ope_charts.hpp"
#include "host/ope_run.hpp"

namespace npo {
namespace {

constexpr const char* style = R"(
:root { --paper: #fbfbf9; --ink: #1d2330; --soft: #667085; --line: #d8dbe2; --mark: #0b62a8; --weight: #c2570c;
  --good: #13795b; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171d; --ink: #e8eaf0; --soft: #98a2b3; --line: #333a47;
  --mark: #6cb6ff; --weight: #ffa657; --good: #57d9a3; --bad: #ff8b82; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; }
p, li { max-width: 46rem; } .soft { color: var(--soft); } .verdict { font-weight: 600; font-size: 1.1rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg text.soft { fill: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; } dt { color: var(--soft); } dd { margin: 0; }
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string fact(const char* name, const std::string& value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
}

std::string weight_facts(const WeightSummary& weights) {
  std::string text = fact(
      "mean", fmt::format("{:.4g} (1 is right; standard error {:.2g})", weights.mean, weights.mean_error));
  text += fact("largest", fmt::format("{:.5g}", weights.largest));
  text += fact("effective rows", fmt::format("{:.1f}", weights.effective_rows));
  if (weights.effective_clusters)
    text += fact("effective clusters", fmt::format("{:.1f}", *weights.effective_clusters));
  return text +
         fact("in the ten heaviest rows", fmt::format("{:.1f} % of the weight", 100.0 * weights.top_share));
}

std::string verdict_section(const OpeReport& report) {
  const bool good = report.faults.empty();
  std::string text =
      fmt::format("<p class=\"verdict {}\">{}</p>\n", good ? "good" : "bad", verdict_of(report));
  if (good) return text;
  text += "<ul>\n";
  for (const std::string& fault : report.faults) text += fmt::format("<li>{}</li>\n", escaped(fault));
  return text + "</ul>\n";
}

}  // namespace

std::string to_html(const OpeReport& report) {
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>{0} under {1}</title>\n<style>{2}</style>\n<h1>What {0} would "
      "have "
      "earned</h1>\n<p class=\"soft\">on {1}: {3} rows, {4} actions{5}</p>\n",
      escaped(report.policy), escaped(report.log), style, report.rows, report.actions,
      report.clusters > 0 ? fmt::format(", {} clusters", report.clusters) : "");
  text += verdict_section(report);
  text += fmt::format(
      "<h2>Estimates</h2>\n<p class=\"soft\">Points with {:g} % bootstrap intervals. The dashed line is the "
      "mean reward "
      "that was logged, {:.6g}.</p>\n{}",
      100.0 * report.level, report.logged, estimate_chart(report));
  text += fmt::format(
      "<h2>Where the weight lies</h2>\n<p class=\"soft\">Rows (left) and their share of the weight (right) "
      "by "
      "weight. An estimate rests on few rows where the two have little in common.</p>\n{}<dl>\n{}</dl>\n",
      weight_chart(report.histogram), weight_facts(report.weights));
  if (report.clipped_weights)
    text += fmt::format("<p class=\"soft\">Clipped at {:g}:</p><dl>\n{}</dl>\n", *report.clip,
                        weight_facts(*report.clipped_weights));
  text += "<h2>Notes</h2>\n<ul>\n";
  text += report.reward_model.kind == "none"
              ? fmt::format("<li>no reward model: {}</li>\n", escaped(report.reward_model.reason))
              : fmt::format("<li>reward model: {}, mean squared error {:.4g}</li>\n",
                            report.reward_model.kind, report.reward_model.loss);
  for (const std::string& note : report.notes) text += fmt::format("<li>{}</li>\n", escaped(note));
  return text + "</ul>\n</html>\n";
}

}  // namespace npo

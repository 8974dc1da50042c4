#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/shortest_number.hpp"
#include "host/show_run.hpp"
#include "host/text_table.hpp"
#include "host/time_text.hpp"

namespace npo {
namespace {

std::string contribution_text(const Contribution& contribution) {
  return fmt::format("{}={:.6g} ({:+.3f})", contribution.feature, contribution.value, contribution.log_odds);
}

template <class Items, class Text>
std::string joined(const Items& items, const Text& text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : "; ") + text(item);
  return all;
}

std::string rules_text(const ShownDecision& row) {
  return joined(row.rules, [](const std::string& name) { return name; });
}

std::string contributions_text(const ShownDecision& row) {
  return joined(row.contributions, contribution_text);
}

/// A field of CSV: quoted where it holds a comma, a quote or a line break.
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

/// JSON has no NaN: the score of a row with a non-finite feature is null.
nlohmann::json number(float value) {
  return std::isfinite(value) ? nlohmann::json(shortest_double(value)) : nlohmann::json();
}
nlohmann::json number(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

}  // namespace

nlohmann::json to_json(const ShowReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ShownDecision& row : report.rows) {
    nlohmann::json contributions = nlohmann::json::array();
    for (const Contribution& c : row.contributions)
      contributions.push_back(
          {{"feature", c.feature}, {"value", number(c.value)}, {"log_odds", number(c.log_odds)}});
    rows.push_back({{"row", row.row},
                    {"id", row.id},
                    {"fleet", row.fleet},
                    {"score", number(row.score)},
                    {"base_score", number(row.base_score)},
                    {"threshold", number(row.threshold)},
                    {"p_surfaced", number(row.p_surfaced)},
                    {"decision", name_of(report.decision)},
                    {"rules", row.rules},
                    {"contributions", contributions}});
  }
  return {{"run", report.run_id},
          {"night", format_time(report.night)},
          {"decision", name_of(report.decision)},
          {"matching", report.matching},
          {"note", report.note},
          {"rows", rows}};
}

std::string to_table(const ShowReport& report) {
  const bool blocked = report.decision == Decision::blocked;
  TextTable table(
      {"row", "id", "fleet", "score", "model", "threshold", blocked ? "blocked by" : "because of"});
  for (const ShownDecision& row : report.rows)
    table.add({std::to_string(row.row), row.id, row.fleet, fmt::format("{:.4f}", row.score),
               fmt::format("{:.4f}", row.base_score), fmt::format("{:.2f}", row.threshold),
               blocked ? rules_text(row) : contributions_text(row)});
  std::string text =
      fmt::format("night {}, run {}: {} {}, {} shown\n", format_time(report.night), report.run_id,
                  report.matching, name_of(report.decision), report.rows.size());
  if (!report.rows.empty()) text += table.text();
  if (!report.note.empty()) text += report.note + "\n";
  return text;
}

std::string to_csv(const ShowReport& report) {
  std::string text = "row,id,fleet,score,base_score,threshold,p_surfaced,decision,rules,contributions\n";
  for (const ShownDecision& row : report.rows)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", row.row, quoted(row.id), quoted(row.fleet),
                        row.score, row.base_score, row.threshold, row.p_surfaced, name_of(report.decision),
                        quoted(rules_text(row)), quoted(contributions_text(row)));
  return text;
}

}  // namespace npo

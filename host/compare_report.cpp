#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/compare_scores.hpp"
#include "host/text_table.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

constexpr std::size_t shown_groups = 20;

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const Difference& difference) {
  Json json = {{"first", number_or_null(difference.first)},
               {"second", number_or_null(difference.second)},
               {"difference", number_or_null(difference.value)},
               {"low", difference.interval ? Json(difference.interval->low) : Json()},
               {"high", difference.interval ? Json(difference.interval->high) : Json()},
               {"p", number_or_null(difference.p)}};
  if (!difference.reason.empty()) json["reason"] = difference.reason;
  if (!difference.method.empty()) json["method"] = difference.method;
  return json;
}

Json to_json(const ComparedGroup& group) {
  Json metrics = Json::object();
  for (const Difference& difference : group.differences) metrics[difference.name] = to_json(difference);
  return {{"name", group.name}, {"rows", group.rows}, {"metrics", std::move(metrics)}};
}

std::string number(const std::optional<double>& value, const char* form = "{:.4f}") {
  return value ? fmt::format(fmt::runtime(form), *value) : "-";
}

std::string p_text(const std::optional<double>& p) {
  if (!p) return "-";
  return *p < 1e-4 ? fmt::format("{:.1e}", *p) : fmt::format("{:.4f}", *p);
}

std::vector<std::string> cells_of(const std::string& name, const Difference& difference) {
  const auto& interval = difference.interval;
  return {name,
          number(difference.first),
          number(difference.second),
          number(difference.value, "{:+.4f}"),
          interval ? fmt::format("{:+.4f}", interval->low) : "-",
          interval ? fmt::format("{:+.4f}", interval->high) : "-",
          p_text(difference.p),
          difference.reason.empty() ? difference.method : difference.reason};
}

std::string group_text(const ComparedGrouping& grouping, const Comparison& comparison) {
  std::vector<const ComparedGroup*> order;
  for (const ComparedGroup& group : grouping.groups) order.push_back(&group);
  const auto p_of = [&](const ComparedGroup* group) {
    return group->find(comparison.metric)->p.value_or(2.0);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto* a, const auto* b) { return p_of(a) < p_of(b); });
  TextTable table({grouping.column, "first", "second", "difference", "low", "high", "p", ""});
  for (std::size_t i = 0; i < std::min(shown_groups, order.size()); ++i) {
    auto cells = cells_of(order[i]->name, *order[i]->find(comparison.metric));
    cells.back() = order[i]->differs ? "differs" : "";
    table.add(std::move(cells));
  }
  std::string text =
      fmt::format("\n{} by {}: {} of {} differ (Benjamini-Hochberg at {:g})\n{}", comparison.metric,
                  grouping.column, grouping.differing, grouping.tested, comparison.fdr, table.text());
  if (order.size() > shown_groups)
    text += fmt::format("... and {} more (--json has all)\n", order.size() - shown_groups);
  return text;
}

}  // namespace

Json to_json(const Comparison& comparison) {
  Json groups = Json::object(), differing = Json::object();
  for (const ComparedGrouping& grouping : comparison.groupings) {
    Json list = Json::array(), names = Json::array();
    for (const ComparedGroup& group : grouping.groups) {
      list.push_back(to_json(group));
      list.back()["differs"] = group.differs;
      if (group.differs) names.push_back(group.name);
    }
    groups[grouping.column] = std::move(list);
    differing[grouping.column] = std::move(names);
  }
  return {{"total", to_json(comparison.total)},
          {"groups", std::move(groups)},
          {"differing", std::move(differing)},
          {"metric", comparison.metric},
          {"fdr", comparison.fdr},
          {"level", comparison.level},
          {"clustered", comparison.clustered},
          {"left_out", comparison.left_out}};
}

std::string to_text(const Comparison& comparison) {
  TextTable table({"metric", "first", "second", "second - first",
                   fmt::format("{:g} % low", 100.0 * comparison.level), "high", "p", "interval"});
  for (const Difference& difference : comparison.total.differences)
    table.add(cells_of(difference.name, difference));
  std::string text = fmt::format("{} rows with a known outcome{}\n", comparison.total.rows,
                                 comparison.clustered ? ", in clusters" : "");
  if (comparison.left_out > 0)
    text += fmt::format("{} nights were left out, which only one of both has\n", comparison.left_out);
  text += fmt::format("\n{}", table.text());
  for (const ComparedGrouping& grouping : comparison.groupings) text += group_text(grouping, comparison);
  return text;
}

}  // namespace npo

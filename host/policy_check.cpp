#include "host/policy_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/numeric_rule.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const std::string& origin, const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, fmt::format("{}: {}", origin, problem), remedy);
}

void check_thresholds(const ThresholdSettings& threshold, const std::string& origin) {
  const auto& arms = threshold.arms;
  if (arms.size() < 2 || arms.size() > max_arms)
    refuse(origin, fmt::format("threshold.arms holds {} thresholds", arms.size()),
           fmt::format("give 2 to {}", max_arms));
  for (const float arm : arms)
    if (!(arm > 0.0f && arm < 1.0f))
      refuse(origin, fmt::format("threshold.arms holds {}, which is out of range", arm),
             "every threshold lies in (0, 1)");
  for (std::size_t k = 1; k < arms.size(); ++k)
    if (!(arms[k - 1] < arms[k]))
      refuse(origin,
             fmt::format("threshold.arms is not ascending: {} stands before {}", arms[k - 1], arms[k]),
             "sort the thresholds and name each once");
  if (threshold.kind == ThresholdKind::fixed &&
      std::find(arms.begin(), arms.end(), static_cast<float>(threshold.fixed)) == arms.end())
    refuse(origin, fmt::format("threshold.fixed = {} is not one of threshold.arms", threshold.fixed),
           "add it to the arms or choose one of them");
}

void check_rule(const GuardrailRule& rule, const std::string& origin) {
  const auto bad = [&](const std::string& problem, const std::string& remedy) {
    refuse(origin, fmt::format("guardrail \"{}\" {}", rule.name, problem), remedy);
  };
  const bool set = rule.op == "in" || rule.op == "not_in";
  if (rule.column == "fleet") {
    if (rule.fleets.empty()) bad("names no fleet", "write fleets = [\"name\", ...]");
    if (!set) bad(fmt::format("compares fleets by \"{}\"", rule.op), "write op = \"in\" or \"not_in\"");
    return;
  }
  if (!rule.fleets.empty())
    bad("lists fleets for column \"" + rule.column + "\"", "write column = \"fleet\"");
  if (set != rule.interval.has_value())
    bad(rule.interval ? "has an interval" : fmt::format("has op \"{}\" without an interval", rule.op),
        "an interval goes with op \"in\" or \"not_in\", a value with the others");
  if (rule.column == "time_of_day") {
    if (day_selection(rule).none) bad("selects no second of the day", "correct its value");
  } else if (rule.interval && !(rule.interval->first <= rule.interval->second)) {
    bad(fmt::format("has the interval [{}, {}]", rule.interval->first, rule.interval->second),
        "give the lower end first");
  } else {
    numeric_rule(rule, score_column, 0, origin);
  }
}

}  // namespace

void check_policy(const Policy& policy, const std::string& origin) {
  check_thresholds(policy.threshold, origin);
  if (policy.guardrails.size() > max_rules)
    refuse(origin, fmt::format("{} guardrails", policy.guardrails.size()),
           fmt::format("at most {} fit the mask of a decision", max_rules));
  std::set<std::string> names;
  for (const GuardrailRule& rule : policy.guardrails) {
    check_rule(rule, origin);
    if (!names.insert(rule.name).second)
      refuse(origin, fmt::format("two guardrails are named \"{}\"", rule.name),
             "give each a name of its own");
  }
}

DaySelection day_selection(const GuardrailRule& rule) {
  DaySelection day;
  if (rule.interval) {
    day.from = static_cast<std::uint32_t>(rule.interval->first);
    day.to = static_cast<std::uint32_t>(rule.interval->second);
    day.negate = rule.op == "not_in";
    return day;
  }
  const auto second = static_cast<std::uint32_t>(rule.value);
  if (rule.op == ">=" || rule.op == ">") day.from = second + (rule.op == ">" ? 1 : 0);
  if (rule.op == "<=" || rule.op == "<") {
    day.none = rule.op == "<" && second == 0;
    day.to = day.none ? 0 : second - (rule.op == "<" ? 1 : 0);
  }
  if (rule.op == "==" || rule.op == "!=") day.from = day.to = second;
  day.negate = rule.op == "!=";
  day.none = day.none || day.from > 86399;
  return day;
}

}  // namespace npo

#include <fmt/format.h>

#include <algorithm>

#include "host/numeric_rule.hpp"
#include "host/policy_check.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const GuardrailRule& rule, const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, fmt::format("guardrail \"{}\": {}", rule.name, problem), remedy);
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(word, known);
  return nearest.empty() ? std::string("npo info lists the names there are")
                         : "did you mean " + nearest + "?";
}

void add_fleet_rule(const GuardrailRule& rule, std::uint8_t bit, const std::vector<std::string>& fleets,
                    const std::string& file, std::vector<std::uint64_t>& mask) {
  mask.resize(fleets.size());
  std::vector<bool> listed(fleets.size());
  for (const std::string& name : rule.fleets) {
    const auto found = std::find(fleets.begin(), fleets.end(), name);
    if (found == fleets.end())
      refuse(rule, fmt::format("{} has no fleet \"{}\"", file, name), suggestion(name, fleets));
    listed[static_cast<std::size_t>(found - fleets.begin())] = true;
  }
  for (std::size_t i = 0; i < fleets.size(); ++i)
    if (listed[i] == (rule.op == "in")) mask[i] |= std::uint64_t{1} << bit;
}

}  // namespace

CompiledGuardrails compile_guardrails(const Policy& policy, const std::vector<std::string>& columns,
                                      const std::vector<std::string>& fleets, const std::string& file) {
  static constexpr const char* origin = "policy";
  check_policy(policy, origin);
  CompiledGuardrails compiled;
  for (std::size_t i = 0; i < policy.guardrails.size(); ++i) {
    const GuardrailRule& rule = policy.guardrails[i];
    const auto bit = static_cast<std::uint8_t>(i);
    const auto column = std::find(columns.begin(), columns.end(), rule.column);
    const bool reserved = rule.column == "score" || rule.column == "fleet" || rule.column == "time_of_day";
    if (reserved && column != columns.end())
      refuse(rule, fmt::format("{} has a feature of the reserved name \"{}\"", file, rule.column),
             "rename the feature");
    if (rule.column == "fleet") {
      add_fleet_rule(rule, bit, fleets, file, compiled.fleet_mask);
    } else if (rule.column == "time_of_day") {
      const DaySelection day = day_selection(rule);
      compiled.day_spans.push_back({day.from, day.to, bit, day.negate});
    } else if (rule.column == "score") {
      compiled.score_rules.push_back(numeric_rule(rule, score_column, bit, origin));
    } else if (column != columns.end()) {
      compiled.feature_rules.push_back(
          numeric_rule(rule, static_cast<std::uint32_t>(column - columns.begin()), bit, origin));
    } else {
      std::vector<std::string> known = columns;
      known.insert(known.end(), {"score", "fleet", "time_of_day"});
      refuse(rule, fmt::format("{} has no column \"{}\"", file, rule.column), suggestion(rule.column, known));
    }
  }
  return compiled;
}

TargetTable target_table(const Policy& policy) {
  constexpr float no_update = -1.0f;
  if (policy.score.target == TargetPreset::approval)
    return {{{1.0f, 0.0f, 0.5f, no_update}, {0.0f, 1.0f, 0.5f, no_update}}};
  TargetTable table;
  const std::vector<double> loss = loss_table(policy);
  for (auto& row : table.y)
    std::transform(loss.begin(), loss.end(), row, [](double l) { return static_cast<float>(l); });
  return table;
}

std::vector<double> loss_table(const Policy& policy) {
  const LossSettings& loss = policy.loss;
  return {loss.override_decision, loss.like, loss.neutral, loss.skipped};
}

}  // namespace npo

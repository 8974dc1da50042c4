#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/policy_check.hpp"
#include "host/policy_names.hpp"
#include "host/shortest_number.hpp"
#include "host/strict_object.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using nlohmann::json;

const std::vector<std::string>& known_ops() {
  static const std::vector<std::string> ops{">", ">=", "<", "<=", "==", "!=", "in", "not_in"};
  return ops;
}

// Every reader below lists its keys in the order of docs/formats/policy.md, with the range of each.

void read_score(StrictObject table, ScoreSettings& score) {
  table.choice("target", policy_names::target, score.target);
  table.choice("step", policy_names::step, score.step.kind);
  table.number("eta", open_below(0, 1), score.step.eta);
  table.number("c", open_below(0, 1e6), score.step.c);
  table.number("n0", closed(0, 1e6), score.step.n0);
  table.number("kappa", open_below(0.5, 1), score.step.kappa);
  table.choice("carry", policy_names::carry, score.carry);
  table.choice("rebase", policy_names::rebase, score.rebase);
  table.choice("nan", policy_names::nan, score.nan);
  table.finish();
}

void read_threshold(StrictObject table, ThresholdSettings& threshold) {
  table.choice("kind", policy_names::threshold, threshold.kind);
  std::vector<double> arms;
  for (const float arm : threshold.arms) arms.push_back(shortest_double(arm));
  table.numbers("arms", arms);
  threshold.arms.clear();
  for (const double arm : arms) {
    if (!open(0, 1).holds(arm) || !open(0, 1).holds(static_cast<float>(arm)))
      table.refuse("arms", fmt::format("holds {}, which is out of range", arm),
                   "every threshold lies in (0, 1)");
    threshold.arms.push_back(static_cast<float>(arm));
  }
  table.number("prior_a", closed(1, 1e9), threshold.prior_a);
  table.number("prior_b", closed(1, 1e9), threshold.prior_b);
  table.choice("per", policy_names::per, threshold.per);
  table.choice("credit", policy_names::credit, threshold.credit);
  table.number("gamma", open_below(0, 1), threshold.gamma);
  table.whole("rounds", closed(1, 100000), threshold.rounds);
  table.number("epsilon", closed(0, 1), threshold.epsilon);
  table.number("fixed", open(0, 1), threshold.fixed);
  table.finish();
}

void read_loss(StrictObject table, LossSettings& loss) {
  table.number("skipped", closed(0.2, 0.4), loss.skipped);
  table.number("neutral", closed(0, 1), loss.neutral);
  table.number("override", closed(0, 1), loss.override_decision);
  table.number("like", closed(0, 1), loss.like);
  table.duration("skip_after", closed(0, 1e10), loss.skip_after);
  table.duration("max_delay", closed(1, 1e10), loss.max_delay);
  table.finish();
}

void read_monitor(StrictObject table, MonitorSettings& monitor) {
  table.choice("kind", policy_names::monitor, monitor.kind);
  table.choice("reference", policy_names::reference, monitor.reference);
  table.number("delta", closed(0, 1), monitor.delta);
  table.number("theta", open_below(0, 1), monitor.theta);
  table.whole("window", closed(1, 1e12), monitor.window);
  table.whole("nights", closed(1, 3650), monitor.nights);
  table.number("half_life", open_below(0, 1e12), monitor.half_life);
  table.whole("min_gap", closed(0, 1e12), monitor.min_gap);
  table.finish();
}

/// A number, or for time_of_day also a text such as "22:00".
double read_operand(const StrictObject& table, const std::string& key, const json& given, bool clock) {
  if (clock && given.is_string()) {
    if (const auto seconds = try_parse_time_of_day(given.get<std::string>())) return *seconds;
    table.refuse(key, fmt::format("= {} is not a time of day", given.dump()),
                 "write \"22:00\" or \"22:00:30\"");
  }
  if (!given.is_number()) table.refuse(key, "is not a number", clock ? "write \"22:00\" or seconds" : "");
  const double value = given.get<double>();
  if (clock && (value < 0 || value > 86399 || value != static_cast<double>(static_cast<int>(value))))
    table.refuse(key, fmt::format("= {} is out of range", value), "allowed are whole seconds in [0, 86399]");
  if (!closed(-3.4e38, 3.4e38).holds(value))
    table.refuse(key, fmt::format("= {} is out of range", value), "allowed is what a float32 can hold");
  return value;
}

std::string described(const GuardrailRule& rule) {
  if (!rule.fleets.empty()) return fmt::format("{} {} {}", rule.column, rule.op, json(rule.fleets).dump());
  if (rule.interval)
    return fmt::format("{} {} [{}, {}]", rule.column, rule.op, rule.interval->first, rule.interval->second);
  return fmt::format("{} {} {}", rule.column, rule.op, rule.value);
}

GuardrailRule read_guardrail(StrictObject table) {
  GuardrailRule rule;
  table.text("name", rule.name);
  table.text("column", rule.column);
  if (rule.column.empty())
    table.refuse("column", "is missing", "name a feature, \"score\", \"fleet\" or \"time_of_day\"");
  const bool clock = rule.column == "time_of_day";
  const json* value = table.child("value");
  const json* interval = table.child("interval");
  table.texts("fleets", rule.fleets);
  if ((value != nullptr) + (interval != nullptr) + table.has("fleets") != 1)
    table.refuse("column",
                 fmt::format("= \"{}\" needs exactly one of value, interval and fleets", rule.column),
                 "write for example op = \">\" and value = 5");
  if (!value) rule.op = "in";
  table.word("op", known_ops(), rule.op);
  if (rule.op.empty()) table.refuse("op", "is missing", "choose one of >, >=, <, <=, ==, !=");
  if (value) rule.value = read_operand(table, "value", *value, clock);
  if (interval) {
    if (!interval->is_array() || interval->size() != 2)
      table.refuse("interval", "is not a list of two ends", "write for example interval = [0, 10]");
    rule.interval.emplace(read_operand(table, "interval", (*interval)[0], clock),
                          read_operand(table, "interval", (*interval)[1], clock));
  }
  table.finish();
  if (rule.name.empty()) rule.name = described(rule);
  return rule;
}

json to_json(const GuardrailRule& rule) {
  json out{{"name", rule.name}, {"column", rule.column}, {"op", rule.op}};
  if (!rule.fleets.empty())
    out["fleets"] = rule.fleets;
  else if (rule.interval)
    out["interval"] = {rule.interval->first, rule.interval->second};
  else
    out["value"] = rule.value;
  return out;
}

}  // namespace

Policy policy_from_json(const std::string& text, const std::string& origin) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    throw Error(ErrorKind::bad_data, fmt::format("{}: the policy is not valid JSON", origin));
  StrictObject root(document, origin, "");
  Policy policy;
  const auto table = [&](const char* key) {
    static const json absent = json::object();
    const json* given = root.child(key);
    return StrictObject(given ? *given : absent, origin, key);
  };
  read_score(table("score"), policy.score);
  read_threshold(table("threshold"), policy.threshold);
  read_loss(table("loss"), policy.loss);
  read_monitor(table("monitor"), policy.monitor);
  if (const json* rules = root.child("guardrail")) {
    if (!rules->is_array()) root.refuse("guardrail", "is not a list", "write each rule under [[guardrail]]");
    for (std::size_t i = 0; i < rules->size(); ++i)
      policy.guardrails.push_back(
          read_guardrail(StrictObject((*rules)[i], origin, fmt::format("guardrail[{}]", i + 1))));
  }
  root.finish();
  check_policy(policy, origin);
  return policy;
}

std::string policy_to_json(const Policy& policy) {
  const auto& [score, threshold, loss, monitor, guardrails] = policy;
  json arms = json::array(), rules = json::array();
  for (const float arm : threshold.arms) arms.push_back(shortest_double(arm));
  for (const GuardrailRule& rule : guardrails) rules.push_back(to_json(rule));
  json document{{"score",
                 {{"target", name_in(policy_names::target, score.target)},
                  {"step", name_in(policy_names::step, score.step.kind)},
                  {"eta", shortest_double(score.step.eta)},
                  {"c", shortest_double(score.step.c)},
                  {"n0", shortest_double(score.step.n0)},
                  {"kappa", shortest_double(score.step.kappa)},
                  {"carry", name_in(policy_names::carry, score.carry)},
                  {"rebase", name_in(policy_names::rebase, score.rebase)},
                  {"nan", name_in(policy_names::nan, score.nan)}}},
                {"threshold",
                 {{"kind", name_in(policy_names::threshold, threshold.kind)},
                  {"arms", arms},
                  {"prior_a", threshold.prior_a},
                  {"prior_b", threshold.prior_b},
                  {"per", name_in(policy_names::per, threshold.per)},
                  {"credit", name_in(policy_names::credit, threshold.credit)},
                  {"gamma", threshold.gamma},
                  {"epsilon", threshold.epsilon},
                  {"fixed", threshold.fixed}}},
                {"loss",
                 {{"skipped", loss.skipped},
                  {"neutral", loss.neutral},
                  {"override", loss.override_decision},
                  {"like", loss.like},
                  {"skip_after", loss.skip_after},
                  {"max_delay", loss.max_delay}}},
                {"monitor",
                 {{"kind", name_in(policy_names::monitor, monitor.kind)},
                  {"reference", name_in(policy_names::reference, monitor.reference)},
                  {"delta", monitor.delta},
                  {"theta", monitor.theta},
                  {"window", monitor.window},
                  {"nights", monitor.nights},
                  {"half_life", monitor.half_life},
                  {"min_gap", monitor.min_gap}}},
                {"guardrail", rules}};
  // Only where it counts, so that policies of other kinds keep the digest they had before there were windows.
  if (threshold.kind == ThresholdKind::sliding_thompson) document["threshold"]["rounds"] = threshold.rounds;
  return document.dump();
}

Digest policy_digest(const Policy& policy) {
  return digest_text(policy_to_json(policy));
}

}  // namespace npo

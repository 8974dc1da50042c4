#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/policy_names.hpp"
#include "host/strict_object.hpp"
#include "host/time_text.hpp"
#include "host/toml_file.hpp"

namespace npo {
namespace {

/// Writes `key = value  # comment` lines; a JSON scalar or flat list is TOML as it stands.
class TomlText {
 public:
  void table(const std::string& name) { text_ += fmt::format("{}[{}]\n", text_.empty() ? "" : "\n", name); }
  void key(const std::string& name, const nlohmann::json& value, const std::string& comment = {}) {
    const std::string line = fmt::format("{} = {}", name, value.dump());
    text_ += comment.empty() ? line + "\n" : fmt::format("{:<34} # {}\n", line, comment);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

template <class Table>
std::string one_of(const Table& names) {
  std::vector<std::string_view> words;
  for (const auto& entry : names) words.push_back(entry.first);
  return fmt::format("{}", fmt::join(words, " | "));
}

void write_guardrail(TomlText& out, const nlohmann::json& rule) {
  out.table("[guardrail]");
  for (const char* key : {"name", "column", "op"}) out.key(key, rule[key]);
  const bool clock = rule["column"] == "time_of_day";
  const auto operand = [&](const nlohmann::json& value) {
    return clock ? nlohmann::json(format_time_of_day(value.get<std::uint32_t>())) : value;
  };
  if (rule.contains("value")) out.key("value", operand(rule["value"]));
  if (rule.contains("fleets")) out.key("fleets", rule["fleets"]);
  if (rule.contains("interval"))
    out.key("interval", {operand(rule["interval"][0]), operand(rule["interval"][1])});
}

}  // namespace

Policy read_policy(const std::filesystem::path& path) {
  return policy_from_json(read_toml(path).dump(), path.string());
}

std::string policy_to_toml(const Policy& policy) {
  const nlohmann::json all = nlohmann::json::parse(policy_to_json(policy));
  const auto duration = [&](const char* key) {
    return format_duration(all["loss"][key].get<std::int64_t>());
  };
  TomlText out;
  const nlohmann::json& score = all["score"];
  out.table("score");
  out.key("target", score["target"], one_of(policy_names::target));
  out.key("step", score["step"], one_of(policy_names::step));
  out.key("eta", score["eta"], "constant step, in (0, 1]");
  out.key("c", score["c"], "robbins_monro: min(1, c / (n + n0)^kappa)");
  out.key("n0", score["n0"], "at least 0");
  out.key("kappa", score["kappa"], "in (0.5, 1]");
  out.key("carry", score["carry"], one_of(policy_names::carry));
  out.key("rebase", score["rebase"], "at a retrain: " + one_of(policy_names::rebase));
  out.key("nan", score["nan"], "a non-finite feature: " + one_of(policy_names::nan));

  const nlohmann::json& threshold = all["threshold"];
  out.table("threshold");
  out.key("kind", threshold["kind"], one_of(policy_names::threshold));
  out.key("arms", threshold["arms"], "2 to 32, ascending, in (0, 1)");
  out.key("prior_a", threshold["prior_a"], "Beta prior of every arm, at least 1");
  out.key("prior_b", threshold["prior_b"]);
  out.key("per", threshold["per"], "one draw for a fleet and night, or for each scenario: round | scenario");
  out.key("credit", threshold["credit"],
          one_of(policy_names::credit) + " (acted for hindsight, all for others)");
  out.key("gamma", threshold["gamma"], "discounted_thompson, in (0, 1]");
  out.key("rounds", threshold.value("rounds", ThresholdSettings{}.rounds), "sliding_thompson, at least 1");
  out.key("epsilon", threshold["epsilon"], "epsilon_greedy, in [0, 1]");
  out.key("fixed", threshold["fixed"], "fixed: one of the arms");

  const nlohmann::json& loss = all["loss"];
  out.table("loss");
  out.key("skipped", loss["skipped"], "lambda, in [0.2, 0.4]");
  out.key("neutral", loss["neutral"]);
  out.key("override", loss["override"]);
  out.key("like", loss["like"]);
  out.key("skip_after", duration("skip_after"), "an outcome still unknown then counts as skipped; 0s: never");
  out.key("max_delay", duration("max_delay"), "feedback on older decisions is refused");

  const nlohmann::json& monitor = all["monitor"];
  out.table("monitor");
  out.key("kind", monitor["kind"], one_of(policy_names::monitor));
  out.key("reference", monitor["reference"], one_of(policy_names::reference));
  out.key("delta", monitor["delta"], "alarm when the loss exceeds the reference by more, in [0, 1]");
  out.key("theta", monitor["theta"], "absolute: the alarm line, in (0, 1]");
  out.key("window", monitor["window"], "least decisions in the window");
  out.key("nights", monitor["nights"], "nights in the window");
  out.key("half_life", monitor["half_life"], "ewma, in decisions");
  out.key("min_gap", monitor["min_gap"], "least decisions between two retrains");

  for (const nlohmann::json& rule : all["guardrail"]) write_guardrail(out, rule);
  return out.text();
}

}  // namespace npo

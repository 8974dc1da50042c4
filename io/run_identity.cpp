#include "io/run_identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <nlohmann/json.hpp>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr const char* run_format = "npo.decisions";
constexpr std::size_t run_id_digits = 16;

/// Calls visit(key, field) for every field, the one list of what run.json holds. `Identity` may be const.
template <class Identity, class Visit>
void for_each_field(Identity& identity, const Visit& visit) {
  visit("scenario_path", identity.scenario_path);
  visit("scenario_bytes", identity.scenario_bytes);
  visit("scenario_mtime_ns", identity.scenario_mtime_ns);
  visit("scenario_header", identity.scenario_header);
  visit("night", identity.night);
  visit("rows", identity.rows);
  visit("shard_rows", identity.shard_rows);
  visit("model_digest", identity.model_digest);
  visit("policy_digest", identity.policy_digest);
  visit("state_digest", identity.state_digest);
  visit("seed", identity.seed);
  visit("round", identity.round);
  visit("alert_budget", identity.alert_budget);
  visit("numeric_contract", identity.numeric_contract);
  visit("npo_version", identity.npo_version);
  visit("policy_json", identity.policy_json);
  visit("model_json", identity.model_json);
  visit("id_text", identity.id.text);
  visit("id_bytes", identity.id.bytes);
  visit("fleets", identity.fleets);
  visit("thresholds", identity.thresholds);
  visit("rules", identity.rules);
}

void require_version(const nlohmann::json& json, const std::string& origin) {
  const auto format = json.value("format", std::string("none"));
  const auto version = json.value("format_version", 0);
  if (format != run_format || version != decision_format_version)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: format is {} version {}, not {} version {}", origin, format, version,
                            run_format, decision_format_version),
                "use the npo that wrote it, or score again");
}

/// A value as it stands in run.json, cut short for a message.
std::string shown(const nlohmann::json& value) {
  const std::string text = value.dump();
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

}  // namespace

std::string RunIdentity::run_id() const {
  DigestList list;
  list.add("scenario_header", scenario_header);
  list.add("night", std::to_string(night));
  list.add("rows", std::to_string(rows));
  list.add("model_digest", model_digest);
  list.add("policy_digest", policy_digest);
  list.add("state_digest", state_digest);
  list.add("seed", std::to_string(seed));
  list.add("round", std::to_string(round));
  list.add("alert_budget", std::to_string(alert_budget));
  list.add("numeric_contract", std::to_string(numeric_contract));
  list.add("id", fmt::format("{} {}", id.text ? "text" : "integer", id.bytes));
  for (const std::string& fleet : fleets) list.add("fleet", fleet);
  for (const float threshold : thresholds)
    list.add("threshold", std::to_string(std::bit_cast<std::uint32_t>(threshold)));
  for (const std::string& rule : rules) list.add("rule", rule);
  return to_hex(list.finish()).substr(0, run_id_digits);
}

nlohmann::json run_identity_to_json(const RunIdentity& identity) {
  nlohmann::json json{
      {"format", run_format}, {"format_version", decision_format_version}, {"run_id", identity.run_id()}};
  for_each_field(identity, [&](const char* key, const auto& field) { json[key] = field; });
  return json;
}

RunIdentity run_identity_from_json(const nlohmann::json& json, const std::string& origin) {
  RunIdentity identity;
  std::string key = "format";
  try {
    require_version(json, origin);
    for_each_field(identity, [&](const char* name, auto& field) {
      key = name;
      json.at(name).get_to(field);
    });
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::bad_data, fmt::format("{}: key {} is missing or not of its type", origin, key),
                "npo score writes this file, it is not meant to be edited; score again");
  }
  return identity;
}

std::optional<IdentityDifference> differing_field(const RunIdentity& stored, const RunIdentity& asked) {
  const nlohmann::json before = run_identity_to_json(stored);
  const nlohmann::json now = run_identity_to_json(asked);
  for (const auto& [key, value] : before.items()) {
    if (key == "run_id" || key == "policy_json" || key == "model_json" || value == now.at(key)) continue;
    return IdentityDifference{key, shown(value), shown(now.at(key))};
  }
  return std::nullopt;
}

}  // namespace npo

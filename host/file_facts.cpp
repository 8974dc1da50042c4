#include "host/file_facts.hpp"

#include <nlohmann/json.hpp>

#include "host/nightly_config.hpp"
#include "host/policy.hpp"
#include "host/shortest_number.hpp"
#include "host/study_file.hpp"
#include "host/time_text.hpp"
#include "host/toml_file.hpp"
#include "host/truth_file.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"
#include "io/log_file.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"
#include "io/study_results.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using Facts = nlohmann::ordered_json;

/// A JSON text that a file carries; as plain text when it is none.
Facts parsed(const std::string& text) {
  Facts json = Facts::parse(text, nullptr, false);
  return json.is_discarded() ? Facts(text) : json;
}

Facts numbers(const std::vector<float>& values) {
  Facts list = Facts::array();
  for (const float value : values) list.push_back(shortest_double(value));
  return list;
}

std::string id_description(IdType id) {
  return id.text ? "text of at most " + std::to_string(id.bytes) + " bytes" : "integer";
}

Facts scenario_facts(const std::filesystem::path& path) {
  const ScenarioFile file(path);
  const ScenarioHeader& header = file.header();
  Facts nights = Facts::array();
  for (const Night& night : header.nights) nights.push_back(format_time(night.time));
  Facts facts{{"format_version", scenario_format_version},
              {"rows", file.rows()},
              {"nights", nights},
              {"ids", id_description(header.id)},
              {"features", header.features},
              {"fleets", header.fleets},
              {"labelled", header.labelled}};
  if (header.labelled) facts["label_horizon"] = format_duration(header.label_horizon);
  facts["provenance"] = parsed(header.provenance);
  return facts;
}

Facts feedback_facts(const std::filesystem::path& path) {
  const FeedbackFile file(path);
  return {{"format_version", feedback_format_version},
          {"events", file.rows()},
          {"runs", file.runs()},
          {"sources", file.sources()}};
}

Facts log_facts(const std::filesystem::path& path) {
  const LogFile file(path);
  const LogHeader& header = file.header();
  Facts categories = Facts::object();
  for (const LogCategory& category : header.categories) categories[category.name] = category.values.size();
  return {{"format_version", log_format_version},
          {"rows", file.rows()},
          {"actions", header.actions},
          {"values", header.values},
          {"categories", categories},
          {"position", header.has_position},
          {"time", header.has_time},
          {"cluster", header.has_cluster},
          {"provenance", parsed(header.provenance)}};
}

Facts decision_facts(const std::filesystem::path& path) {
  const DecisionRun run(path);
  const RunIdentity& identity = run.identity();
  Facts facts{{"format_version", decision_format_version},
              {"run", run.run_id()},
              {"night", format_time(identity.night)},
              {"rows", run.rows()},
              {"round", identity.round},
              {"seed", identity.seed},
              {"fleets", identity.fleets},
              {"thresholds", numbers(identity.thresholds)},
              {"rules", identity.rules},
              {"scenarios", identity.scenario_path},
              {"model_digest", identity.model_digest},
              {"policy_digest", identity.policy_digest},
              {"state_digest", identity.state_digest},
              {"npo_version", identity.npo_version},
              {"numeric_contract", identity.numeric_contract}};
  if (identity.alert_budget >= 0) facts["alert_budget"] = identity.alert_budget;
  const nlohmann::json summary = run.summary();
  for (const char* count : {"surfaced", "withheld", "blocked"})
    if (summary.contains(count)) facts[count] = summary[count].get<std::uint64_t>();
  return facts;
}

Facts state_facts(const std::filesystem::path& path) {
  const StateSnapshot state(path);
  const StateManifest& manifest = state.manifest();
  std::int64_t alarms = 0, retrains = 0;
  for (const FleetMonitor& monitor : manifest.monitors) {
    alarms += monitor.alarms;
    retrains += monitor.retrains;
  }
  return {{"format_version", state_format_version},
          {"generation", manifest.generation},
          {"kept_generations", kept_generations(path)},
          {"round", manifest.round},
          {"scenarios", state.scenarios()},
          {"updates", manifest.updates},
          {"late_events", manifest.late_events},
          {"ids", manifest.id_known ? id_description(manifest.id) : "none yet"},
          {"fleets", manifest.fleets},
          {"thresholds", numbers(manifest.thresholds)},
          {"shards", manifest.shards.size()},
          {"ledgers", manifest.ledgers.size()},
          {"alarms", alarms},
          {"retrains", retrains},
          {"policy_digest", manifest.policy_digest},
          {"model_digest", manifest.model_digest.empty() ? "none yet" : manifest.model_digest}};
}

Facts truth_facts(const std::filesystem::path& path) {
  const h5::ReadFile file = open_truth(path);
  return {{"format_version", file.int_attribute("format_version")},
          {"scenarios", truth_scenarios(file)},
          {"provenance", parsed(file.text_attribute("provenance"))}};
}

Facts model_facts(const std::filesystem::path& path) {
  const LogisticModel model = read_model(path);
  Facts features = Facts::array();
  for (const ModelFeature& feature : model.features) features.push_back(feature.name);
  return {{"format_version", model_format_version},
          {"features", features},
          {"digest", to_hex(model_digest(model))},
          {"fit", parsed(model.fit_json)}};
}

Facts policy_facts(const std::filesystem::path& path) {
  const Policy policy = read_policy(path);
  return {{"digest", to_hex(policy_digest(policy))}, {"settings", parsed(policy_to_json(policy))}};
}

Facts night_facts(const std::filesystem::path& path) {
  read_nightly_config(path);
  return {{"settings", Facts::parse(read_toml(path).dump())}};
}

Facts study_facts(const std::filesystem::path& path) {
  const StudyResultFile file(path);
  const StudyResults& results = file.results();
  std::uint64_t replicates = 0;
  for (const std::uint64_t count : results.replicates) replicates += count;
  Facts facts{{"format_version", study_format_version},
              {"run", results.run_id},
              {"study", results.name},
              {"title", results.title},
              {"of", results.kind},
              {"shard", results.shard},
              {"seed", results.seed},
              {"points", results.points()},
              {"swept", parsed(results.swept)},
              {"replicates", replicates},
              {"episodes", results.episodes},
              {"checkpoints", results.checkpoints},
              {"metrics", results.metrics}};
  for (const ClaimRow& claim : results.claims) facts["claims"][claim.name] = name_of(claim.verdict);
  facts["provenance"] = parsed(results.provenance);
  return facts;
}

Facts study_file_facts(const std::filesystem::path& path) {
  const Study study = read_study(path, {}, 0);
  return {{"study", study.name},           {"title", study.title},
          {"points", study.points()},      {"run", study.run_id()},
          {"claims", study.claims.size()}, {"settings", parsed(study.document.dump())}};
}

}  // namespace

Facts facts_of(FileKind kind, const std::filesystem::path& path) {
  switch (kind) {
    case FileKind::scenarios:
      return scenario_facts(path);
    case FileKind::decisions:
      return decision_facts(path);
    case FileKind::state:
      return state_facts(path);
    case FileKind::truth:
      return truth_facts(path);
    case FileKind::model:
      return model_facts(path);
    case FileKind::policy:
      return policy_facts(path);
    case FileKind::night:
      return night_facts(path);
    case FileKind::log:
      return log_facts(path);
    case FileKind::study:
      return study_facts(path);
    case FileKind::study_file:
      return study_file_facts(path);
    case FileKind::feedback:
      return feedback_facts(path);
  }
  return Facts::object();
}

}  // namespace npo

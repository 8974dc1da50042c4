#include "host/nightly_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "host/evaluate_run.hpp"
#include "host/learn_run.hpp"
#include "host/operators_run.hpp"
#include "host/outcomes_run.hpp"
#include "host/retrain_run.hpp"
#include "host/score_drift.hpp"
#include "host/score_run.hpp"
#include "host/time_text.hpp"
#include "io/atomic_file.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Night of a folder runs/<date>, or nothing when it is not one of ours.
std::optional<UnixSeconds> night_of(const fs::path& folder) {
  if (!fs::exists(folder / "steps.json")) return std::nullopt;
  return parse_time(folder.filename().string());
}

/// Folders of the nights before `night`, ascending, that have been scored.
std::vector<fs::path> scored_nights(const fs::path& output, std::optional<UnixSeconds> before) {
  std::vector<fs::path> folders;
  if (!fs::exists(output)) return folders;
  for (const auto& entry : fs::directory_iterator(output)) {
    const auto night = night_of(entry.path());
    if (night && (!before || *night < *before) && NightlySteps(entry.path()).done("score"))
      folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::int64_t horizon_of(const NightlyConfig& config, UnixSeconds night) {
  return ScenarioFile(config.labels_of(night)).header().label_horizon;
}

/// Whether an earlier night has already gathered `folder` under `kind`.
bool gathered_before(const std::vector<fs::path>& nights, const std::string& kind,
                     const std::string& folder) {
  return std::any_of(nights.begin(), nights.end(), [&](const fs::path& night) {
    const NightlySteps steps(night);
    if (!steps.done("feedback")) return false;
    const json& done = steps.result("feedback")[kind];
    return std::find(done.begin(), done.end(), folder) != done.end();
  });
}

std::vector<std::uint64_t> histogram_of(const fs::path& decisions) {
  return DecisionRun(decisions).summary().at("score_histogram").get<std::vector<std::uint64_t>>();
}

json without_histogram(json summary) {
  summary.erase("score_histogram");
  return summary;
}

}  // namespace

NightlyWork::NightlyWork(const NightlyConfig& config, UnixSeconds night, const RunContext& context)
    : config_(config),
      night_(night),
      folder_(config.output / format_time(night)),
      context_(context),
      start_over_(context.overwrite),
      steps_(folder_) {
  // Every step below is repeated from its beginning when it was cut short, over what it may have left.
  context_.overwrite = true;
}

NightSummary NightlyWork::run() {
  const auto start = std::chrono::steady_clock::now();
  require_no_later_night();
  make_directory(folder_);
  context_.report().note(fmt::format("night of {}", format_time(night_)));
  if (!steps_.done("feedback")) gather_feedback();
  if (!steps_.done("learn")) learn();
  if (!steps_.done("retrain")) retrain_if_asked();
  if (!steps_.done("score")) score();
  if (!steps_.done("evaluate")) evaluate();
  NightSummary summary = summarise();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_text_atomically(folder_ / "night.json", true, to_json(summary).dump(1) + "\n");
  steps_.record("summary", true);
  return summary;
}

void NightlyWork::require_no_later_night() const {
  const std::vector<fs::path> nights = scored_nights(config_.output, std::nullopt);
  if (nights.empty() || *night_of(nights.back()) <= night_) return;
  throw Error(ErrorKind::usage,
              fmt::format("{} holds the night of {}, which is later than {}", config_.output.string(),
                          nights.back().filename().string(), format_time(night_)),
              "nights run in the order of time: set [nights] first to where this output began, or name "
              "another output");
}

std::vector<fs::path> NightlyWork::earlier_nights() const {
  return scored_nights(config_.output, night_);
}

std::vector<fs::path> NightlyWork::newly_aged(const std::string& kind, std::int64_t age) const {
  const std::vector<fs::path> nights = earlier_nights();
  std::vector<fs::path> aged;
  for (const fs::path& folder : nights)
    if (*night_of(folder) + age <= night_ && !gathered_before(nights, kind, folder.filename().string()))
      aged.push_back(folder);
  return aged;
}

void NightlyWork::gather_feedback() {
  json gathered = {{"matured", json::array()},
                   {"skipped", json::array()},
                   {"answered", json::array()},
                   {"files", json::array()}};
  const auto add = [&](const std::string& kind, const fs::path& night, const auto& write) {
    const std::string date = night.filename().string();
    const std::string file = fmt::format("{}-{}.h5", kind, date);
    write(night / "decisions", folder_ / file);
    gathered[kind].push_back(date);
    gathered["files"].push_back(file);
  };
  const auto hindsight = [&](const fs::path& decisions, const fs::path& output) {
    OutcomesOptions options;
    options.decisions = {decisions};
    options.labels = config_.labels_of(night_);
    options.as_of = as_of();
    options.output = output;
    run_outcomes(options, context_);
  };
  if (config_.hindsight) {
    const std::int64_t horizon = horizon_of(config_, night_);
    for (const fs::path& night : newly_aged("matured", horizon)) add("matured", night, hindsight);
    const std::int64_t skip_after = read_policy(config_.policy).loss.skip_after;
    if (skip_after > horizon)
      for (const fs::path& night : newly_aged("skipped", skip_after)) add("skipped", night, hindsight);
  }
  if (config_.operators)
    for (const fs::path& night : newly_aged("answered", seconds_per_day))
      add("answered", night, [&](const fs::path& decisions, const fs::path& output) {
        OperatorsOptions options;
        options.decisions = {decisions};
        options.truth = *config_.operators;
        options.output = output;
        run_operators(options, context_);
      });
  steps_.record("feedback", gathered);
}

void NightlyWork::learn() {
  const std::vector<fs::path> nights = earlier_nights();
  // A first night has nothing to learn from, whether or not the state was there before it.
  if (nights.empty() || !fs::exists(config_.state)) {
    steps_.record("learn", nullptr);
    return;
  }
  const std::uint64_t generation = StateSnapshot(config_.state).manifest().generation;
  if (!steps_.done("learn from")) steps_.record("learn from", generation);
  // A crash between the state's commit and our record must not learn, or advance the round, a second time.
  if (generation != steps_.result("learn from").get<std::uint64_t>()) {
    steps_.record("learn", {{"generation", generation}, {"recovered", true}});
    return;
  }
  LearnOptions options;
  for (const auto& file : steps_.result("feedback")["files"]) options.feedback.push_back(folder_ / file);
  for (const fs::path& night : nights) options.decisions.push_back(night / "decisions");
  options.state = config_.state;
  options.next_round = true;
  options.as_of = as_of();
  steps_.record("learn", to_json(run_learn(options, context_)));
}

bool NightlyWork::retrain_asked() const {
  if (!config_.retrain || steps_.result("learn").is_null()) return false;
  const StateSnapshot state(config_.state);
  const auto readings = stored_readings(read_policy(config_.policy), state.manifest());
  return std::any_of(readings.begin(), readings.end(),
                     [](const FleetReading& fleet) { return fleet.retrain; });
}

void NightlyWork::retrain_if_asked() {
  if (!steps_.done("retrain from") && !retrain_asked()) {
    steps_.record("retrain", nullptr);
    return;
  }
  const std::uint64_t generation = StateSnapshot(config_.state).manifest().generation;
  if (!steps_.done("retrain from")) steps_.record("retrain from", generation);
  if (generation != steps_.result("retrain from").get<std::uint64_t>()) {
    steps_.record("retrain", {{"generation", generation}, {"recovered", true}});
    return;
  }
  RetrainOptions options;
  options.scenarios = config_.scenarios_of(night_);
  options.model = model_in_force();
  options.output = folder_ / "model.json";
  options.state = config_.state;
  options.as_of = as_of();
  steps_.record("retrain", to_json(run_retrain(options, context_)));
}

std::filesystem::path NightlyWork::model_in_force() const {
  std::vector<fs::path> nights = earlier_nights();
  if (steps_.done("retrain") && !steps_.result("retrain").is_null()) nights.push_back(folder_);
  for (auto night = nights.rbegin(); night != nights.rend(); ++night) {
    const NightlySteps steps(*night);
    if (steps.done("retrain") && !steps.result("retrain").is_null()) return *night / "model.json";
  }
  return config_.model;
}

void NightlyWork::score() {
  ScoreOptions options;
  options.scenarios = config_.scenarios_of(night_);
  options.model = model_in_force();
  options.state = config_.state;
  options.policy = config_.policy;
  options.output = folder_ / "decisions";
  options.night = night_;
  options.alert_budget = config_.alert_budget;
  options.new_state = true;
  RunContext context = context_;
  context.resume = !start_over_ && fs::exists(options.output / "run.json");
  context.overwrite = start_over_;
  steps_.record("score", without_histogram(to_json(run_score(options, context))));
}

void NightlyWork::evaluate() {
  std::vector<fs::path> decisions;
  for (const auto& date : steps_.result("feedback")["matured"])
    decisions.push_back(config_.output / date.get<std::string>() / "decisions");
  if (decisions.empty()) {
    steps_.record("evaluate", nullptr);
    return;
  }
  EvaluateOptions options;
  options.decisions = {decisions};
  options.labels = config_.labels_of(night_);
  options.as_of = as_of();
  steps_.record("evaluate", to_json(run_evaluate(options, context_)));
}

std::optional<double> NightlyWork::drift() const {
  // The reference is the first night scored by the model in force: a new model moves scores by right.
  const fs::path model = model_in_force();
  std::vector<fs::path> nights = earlier_nights();
  if (model != config_.model)
    std::erase_if(nights, [&](const fs::path& night) { return night < model.parent_path(); });
  if (nights.empty() || nights.front() == folder_) return std::nullopt;
  return histogram_distance(histogram_of(nights.front() / "decisions"), histogram_of(folder_ / "decisions"));
}

std::vector<std::string> NightlyWork::fired_gates(const std::optional<double>& drift) const {
  std::vector<std::string> fired;
  const auto check = [&](const char* name, const std::optional<double>& limit,
                         const std::optional<double>& value) {
    if (limit && value && *value > *limit)
      fired.push_back(fmt::format("{} {:.4f} is above its gate of {:.4f}", name, *value, *limit));
  };
  const json& matured = steps_.result("evaluate");
  const auto total = [&](const char* metric) -> std::optional<double> {
    if (matured.is_null()) return std::nullopt;
    return metric_value(matured.at("total"), metric);
  };
  check("override rate", config_.gates.override_rate, total("override_rate"));
  check("loss", config_.gates.loss, total("loss"));
  check("drift of the score distribution", config_.gates.drift, drift);
  return fired;
}

NightSummary NightlyWork::summarise() const {
  NightSummary summary;
  summary.night = night_;
  summary.score = steps_.result("score");
  summary.learn = steps_.result("learn");
  summary.matured = steps_.result("evaluate");
  summary.retrained = !steps_.result("retrain").is_null();
  summary.drift = drift();
  summary.gates = fired_gates(summary.drift);
  return summary;
}

json evaluate_all_matured(const NightlyConfig& config, const RunContext& context) {
  const std::vector<fs::path> nights = scored_nights(config.output, std::nullopt);
  if (nights.empty()) return nullptr;
  const UnixSeconds last = *night_of(nights.back());
  EvaluateOptions options;
  options.labels = config.labels_of(last);
  options.as_of = last + seconds_per_day - 1;
  const ScenarioHeader labels = ScenarioFile(options.labels).header();
  const auto labelled = [&](UnixSeconds night) {
    return std::any_of(labels.nights.begin(), labels.nights.end(),
                       [&](const Night& known) { return known.time == night; });
  };
  for (const fs::path& folder : nights) {
    const UnixSeconds night = *night_of(folder);
    if (night + labels.label_horizon <= last && labelled(night))
      options.decisions.push_back(folder / "decisions");
  }
  if (options.decisions.empty()) return nullptr;
  return to_json(run_evaluate(options, context));
}

}  // namespace npo

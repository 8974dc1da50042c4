#include "host/learn_inputs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "host/decision_blocks.hpp"
#include "host/state_run.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::size_t max_runs = 65535, max_sources = 8191;  // what a bucketed event can name

std::vector<LearnRun> number_runs(std::vector<std::unique_ptr<DecisionRun>> opened) {
  if (opened.size() > max_runs)
    throw Error(ErrorKind::usage, fmt::format("{} runs at once", opened.size()),
                fmt::format("give at most {}", max_runs));
  std::vector<LearnRun> runs;
  for (auto& run : opened) runs.push_back({std::move(run), false, false, 0});
  return runs;
}

std::vector<std::string> source_names(const std::vector<FeedbackFile>& files) {
  std::set<std::string> names;
  for (const FeedbackFile& file : files) names.insert(file.sources().begin(), file.sources().end());
  if (names.size() > max_sources)
    throw Error(ErrorKind::usage, fmt::format("{} feedback sources at once", names.size()),
                fmt::format("learn from at most {} at a time", max_sources));
  return {names.begin(), names.end()};
}

LearnFeedback translate(FeedbackFile file, const std::map<std::string, std::uint32_t>& run_index,
                        const std::vector<std::string>& sources) {
  std::vector<std::uint32_t> run;
  for (const std::string& id : file.runs()) {
    const auto found = run_index.find(id);
    run.push_back(found == run_index.end() ? unknown_run : found->second);
  }
  std::vector<std::uint16_t> source;
  for (const std::string& name : file.sources())
    source.push_back(static_cast<std::uint16_t>(std::ranges::lower_bound(sources, name) - sources.begin()));
  return {std::move(file), std::move(run), std::move(source)};
}

std::string arms_text(const std::vector<float>& arms) {
  return fmt::format("{}", fmt::join(arms, ", "));
}

}  // namespace

LearnInputs open_learn_inputs(const LearnOptions& options) {
  LearnInputs inputs;
  inputs.runs = number_runs(open_runs(options.decisions));
  inputs.id = inputs.runs.front().decisions->identity().id;
  std::map<std::string, std::uint32_t> run_index;
  for (LearnRun& run : inputs.runs) {
    run.first_fleet = inputs.fleet_slots;
    inputs.fleet_slots += static_cast<std::uint32_t>(run.decisions->identity().fleets.size());
    inputs.newest_night = std::max(inputs.newest_night, run.decisions->identity().night);
    inputs.id.bytes = std::max(inputs.id.bytes, run.decisions->identity().id.bytes);
    run_index.emplace(run.decisions->run_id(), static_cast<std::uint32_t>(run_index.size()));
  }
  std::vector<FeedbackFile> files;
  for (const auto& path : options.feedback) files.emplace_back(path);
  inputs.sources = source_names(files);
  for (FeedbackFile& file : files) {
    inputs.events += file.rows();
    inputs.files.push_back(translate(std::move(file), run_index, inputs.sources));
    for (const std::uint32_t run : inputs.files.back().run)
      if (run != unknown_run) inputs.runs[run].named = true;
  }
  return inputs;
}

void fit_to_state(const Policy& policy, const StateManifest& manifest, LearnInputs& inputs) {
  for (const LedgerEntry& ledger : manifest.ledgers)
    inputs.newest_night = std::max(inputs.newest_night, ledger.night);
  for (const RoundTallies& round : manifest.recent)
    inputs.newest_night = std::max(inputs.newest_night, round.night);
  if (manifest.id_known) inputs.id = {manifest.id.text, std::max(manifest.id.bytes, inputs.id.bytes)};
  for (LearnRun& run : inputs.runs) {
    const RunIdentity& identity = run.decisions->identity();
    const std::string folder = run.decisions->folder().string();
    if (identity.thresholds != manifest.thresholds)
      throw Error(ErrorKind::usage,
                  fmt::format("{} was decided with the arms {}, the state has {}", folder,
                              arms_text(identity.thresholds), arms_text(manifest.thresholds)),
                  "learn from decisions of this state's policy");
    if (identity.id.text != inputs.id.text)
      throw Error(ErrorKind::usage,
                  fmt::format("{} has scenario ids of another type than {}", folder,
                              manifest.id_known ? "the state" : "the other runs"),
                  "learn from runs over the same fleet files");
    run.expired = identity.night + policy.loss.max_delay < inputs.newest_night;
  }
}

StateManifest first_manifest(const LearnInputs& inputs) {
  const RunIdentity& newest = inputs.runs.back().decisions->identity();
  const Policy policy = policy_from_json(newest.policy_json, inputs.runs.back().decisions->folder().string());
  StateManifest manifest = empty_state(policy, newest.model_digest);
  manifest.round = newest.round;
  return manifest;
}

}  // namespace npo

#include "host/retrain_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "host/monitor.hpp"
#include "host/rebase_state.hpp"
#include "host/time_text.hpp"
#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// The latest night up to as_of.
const Night& night_of(const ScenarioFile& file, std::optional<UnixSeconds> as_of) {
  const auto& nights = file.header().nights;
  const auto later = std::find_if(nights.begin(), nights.end(),
                                  [&](const Night& night) { return as_of && night.time > *as_of; });
  if (later == nights.begin())
    throw Error(ErrorKind::usage,
                fmt::format("{}: there is no night up to {}", file.path().string(),
                            as_of ? format_time(*as_of) : "now"),
                nights.empty() ? "the file is empty"
                               : fmt::format("the first one is {}", format_time(nights.front().time)));
  return *std::prev(later);
}

void require_same_model(const StateSnapshot& state, const LogisticModel& model,
                        const std::filesystem::path& path) {
  const std::string digest = to_hex(model_digest(model)), &wanted = state.manifest().model_digest;
  if (wanted.empty() && state.scenarios() == 0) return;
  if (wanted != digest)
    throw Error(ErrorKind::usage,
                fmt::format("{} has digest {}, but {} belongs to the model {}", path.string(), digest,
                            state.path().string(), wanted.empty() ? "of no night yet" : wanted),
                "give the model that the last night was scored with");
}

void require_same_ids(const StateManifest& manifest, const StateSnapshot& state, const ScenarioFile& file) {
  if (!manifest.id_known || manifest.id.text == file.header().id.text) return;
  throw Error(ErrorKind::bad_data,
              fmt::format("{}: scenario ids are {}, those of {} are {}", file.path().string(),
                          file.header().id.text ? "text" : "numbers", state.path().string(),
                          manifest.id.text ? "text" : "numbers"),
              "give the scenarios that the state has learned about");
}

/// Moves every shard; `store` writes the moved rows and says where.
RebaseCounts rebase_shards(const RebasePlan& plan, const ScenarioFile& file, const Night& night,
                           const StateSnapshot& state, const RunContext& context,
                           const std::function<void(std::size_t, const StateRows&)>& store) {
  const NightIndex index(file, night);
  const StateManifest& manifest = state.manifest();
  context.report().begin("rebase", state.scenarios(), "scenarios");
  RebaseCounts total;
  std::mutex adding;
  parallel_for(context.threads, manifest.shards.size(), [&](std::size_t s) {
    context.check_stop();
    StateRows rows = state.shard(s);
    const RebaseCounts counts = rebase_rows(plan, file, index, manifest.id, context.simd, rows);
    store(s, rows);
    context.report().advance(rows.rows());
    const std::lock_guard lock(adding);
    total.add(counts);
  });
  context.report().end();
  return total;
}

}  // namespace

std::string_view name_of(Rebase rebase) {
  return rebase == Rebase::shrink ? "shrink" : rebase == Rebase::exact ? "exact" : "reset";
}

RetrainReport run_retrain(const RetrainOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  if (!context.dry_run) refuse_existing(options.output, context.overwrite);
  const ScenarioFile scenarios(options.scenarios);
  const LogisticModel old_model = read_model(options.model);
  std::optional<StateTransaction> transaction;
  if (!context.dry_run) transaction.emplace(options.state);
  const StateSnapshot state = context.dry_run ? StateSnapshot(options.state) : transaction->before();
  const Policy policy = policy_from_json(state.manifest().policy_json, state.path().string());
  require_same_model(state, old_model, options.model);
  require_same_ids(state.manifest(), state, scenarios);

  RetrainReport report;
  const FittedModel fitted =
      fit_model(scenarios, settings_of(old_model, options.model.string()), options.as_of, context);
  const Night& night = night_of(scenarios, options.as_of);
  const auto& columns = scenarios.header().features;
  const PlannedModel old_plan = plan_model(old_model, columns, scenarios.path().string());
  const PlannedModel new_plan = plan_model(fitted.model, columns, scenarios.path().string());
  report.fit = fitted.report;
  report.rebase = options.rebase.value_or(policy.score.rebase);
  report.night = night.time;
  report.old_model_digest = to_hex(model_digest(old_model));
  report.new_model_digest = fitted.report.model_digest;
  report.generation = state.manifest().generation;

  StateManifest next = state.manifest();
  const RebasePlan plan{
      .old_model = old_plan, .new_model = new_plan, .carry = policy.score.carry, .rebase = report.rebase};
  const auto store = [&](std::size_t shard, const StateRows& rows) {
    if (transaction) next.shards[shard] = transaction->write_shard(rows, next.id);
  };
  const RebaseCounts counts = rebase_shards(plan, scenarios, night, state, context, store);
  report.rebased = counts.rebased;
  report.absent = counts.absent;
  report.largest_shift = static_cast<double>(counts.largest_shift);
  if (counts.rebased > 0)
    report.mean_shift = static_cast<double>(counts.shift_sum) * 0x1p-24 / static_cast<double>(counts.rebased);

  if (transaction) {
    next.model_digest = report.new_model_digest;
    record_retrain(next);
    write_model(options.output, fitted.model, context.overwrite);
    report.generation = transaction->commit(std::move(next));
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

nlohmann::json to_json(const RetrainReport& report) {
  return {{"fit", to_json(report.fit)},
          {"rebase", name_of(report.rebase)},
          {"night", report.night},
          {"rebased", report.rebased},
          {"absent", report.absent},
          {"mean_shift", report.mean_shift},
          {"largest_shift", report.largest_shift},
          {"old_model_digest", report.old_model_digest},
          {"new_model_digest", report.new_model_digest},
          {"generation", report.generation},
          {"seconds", report.seconds}};
}

}  // namespace npo

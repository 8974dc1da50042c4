#include "host/score_run.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <semaphore>

#include "host/alert_budget.hpp"
#include "host/score_shard.hpp"
#include "host/score_tallies.hpp"
#include "host/state_run.hpp"
#include "io/pool.hpp"
#include "io/version.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// What the run reads, loaded and resolved.
struct Inputs {
  ScenarioFile scenarios;
  Night night;
  LogisticModel model;
  Policy policy;
  StateSnapshot state;
};

/// Corrections are differences to one model's scores; under another they would mean something else.
void require_model_of(const StateSnapshot& state, const LogisticModel& model,
                      const std::filesystem::path& path) {
  const std::string digest = to_hex(model_digest(model)), &wanted = state.manifest().model_digest;
  const bool nothing_learned = state.manifest().fleets.empty();
  if (wanted.empty() || wanted == digest || nothing_learned) return;
  throw Error(ErrorKind::usage,
              fmt::format("{} has digest {}, but {} has learned about the scores of the model {}",
                          path.string(), digest, state.path().string(), wanted),
              "score with that model; a new one takes over what was learned by npo retrain");
}

bool makes_state(const ScoreOptions& options) {
  return options.new_state && !std::filesystem::exists(options.state);
}

/// A new state is stored only once the night is scored: a night that is refused must not leave a state behind
/// that is bound to its policy.
StateSnapshot open_state(const ScoreOptions& options, const Policy& policy, const LogisticModel& model) {
  if (makes_state(options)) {
    StateTransaction::require_room(options.state);
    return {options.state, empty_state(policy, to_hex(model_digest(model)))};
  }
  StateSnapshot state(options.state);
  if (state.manifest().policy_digest != to_hex(policy_digest(policy)))
    throw Error(ErrorKind::usage,
                fmt::format("{} was made under another policy than {}", options.state.string(),
                            options.policy.string()),
                "score with that policy, or move the state to this one with: npo state adopt-policy");
  require_model_of(state, model, options.model);
  return state;
}

Inputs open_inputs(const ScoreOptions& options) {
  ScenarioFile scenarios(options.scenarios);
  if (scenarios.rows() == 0)
    throw Error(ErrorKind::bad_data, fmt::format("{} holds no scenarios", options.scenarios.string()),
                "import at least one night");
  const Night night = options.night ? scenarios.night_at(*options.night) : scenarios.header().nights.back();
  LogisticModel model = read_model(options.model);
  Policy policy = read_policy(options.policy);
  StateSnapshot state = open_state(options, policy, model);
  if (state.manifest().id_known && state.manifest().id.text != scenarios.header().id.text)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: scenarios/id holds {} ids, the state {} {} ids", options.scenarios.string(),
                            scenarios.header().id.text ? "text" : "integer", options.state.string(),
                            state.manifest().id.text ? "text" : "integer"),
                "import both from ids of one kind");
  return {std::move(scenarios), night, std::move(model), std::move(policy), std::move(state)};
}

RunIdentity identity_of(const ScoreOptions& options, const Inputs& inputs, const RunContext& context) {
  RunIdentity identity;
  identity.scenario_path = options.scenarios.string();
  struct stat status {};
  if (::stat(options.scenarios.c_str(), &status) == 0) {
    identity.scenario_bytes = static_cast<std::uint64_t>(status.st_size);
    identity.scenario_mtime_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  }
  identity.scenario_header = to_hex(inputs.scenarios.header_digest());
  identity.night = inputs.night.time;
  identity.rows = inputs.night.rows;
  identity.shard_rows = context.shard_rows;
  identity.model_digest = to_hex(model_digest(inputs.model));
  identity.policy_digest = to_hex(policy_digest(inputs.policy));
  identity.state_digest = to_hex(inputs.state.digest());
  identity.seed = context.seed;
  identity.round = inputs.state.manifest().round;
  identity.alert_budget = options.alert_budget.value_or(-1);
  identity.npo_version = std::string(program_version());
  identity.policy_json = policy_to_json(inputs.policy);
  identity.model_json = model_to_json(inputs.model);
  identity.id = inputs.scenarios.header().id;
  identity.fleets = inputs.scenarios.header().fleets;
  identity.thresholds = inputs.policy.threshold.arms;
  for (const GuardrailRule& rule : inputs.policy.guardrails) identity.rules.push_back(rule.name);
  return identity;
}

/// Runs a piece of work for every shard of the night: as many as there are threads compute at a time, and two
/// more may be writing, so that the disk and the cores are busy together and memory is bounded.
class ShardLoop {
 public:
  ShardLoop(const ShardScorer& scorer, std::uint64_t rows, const RunContext& context)
      : scorer_(scorer), rows_(rows), context_(context), computing_(context.threads) {}

  std::uint64_t shards() const { return (rows_ + context_.shard_rows - 1) / context_.shard_rows; }

  /// `computed(shard, first_row, rows)` runs on the computing thread, `then(shard, rows)` after it has given
  /// its place to another.
  template <class Computed, class Then>
  void run(const Computed& computed, const Then& then) {
    parallel_for(context_.threads + 2, shards(), [&](std::uint64_t shard) {
      const std::uint64_t first = shard * context_.shard_rows;
      auto rows = rows_of_shards_.borrow([] { return ShardRows(); });
      computing_.acquire();
      try {
        scorer_.score(first, std::min(context_.shard_rows, rows_ - first), *rows);
        computed(shard, first, *rows);
      } catch (...) {
        computing_.release();
        throw;
      }
      computing_.release();
      then(shard, *rows);
    });
  }

 private:
  const ShardScorer& scorer_;
  std::uint64_t rows_;
  const RunContext& context_;
  std::counting_semaphore<> computing_;
  Pool<ShardRows> rows_of_shards_;
};

/// The alert budget's cut over the whole night: a pass that computes and keeps only the best.
BudgetHeap find_cut(ShardLoop& loop, std::uint64_t budget) {
  BudgetHeap cut(budget);
  std::mutex mutex;
  loop.run(
      [&](std::uint64_t, std::uint64_t first, const ShardRows& rows) {
        BudgetHeap part(budget);
        part.offer_rows(rows.decisions.score, rows.decisions.decision, first);
        const std::lock_guard lock(mutex);
        cut.merge(part);
      },
      [](std::uint64_t, const ShardRows&) {});
  return cut;
}

/// The whole night, shard by shard, into `writer` (absent in a dry run).
ScoreReport score_night(const Inputs& inputs, const NightPlan& plan, const RunContext& context,
                        std::optional<std::int64_t> alert_budget, DecisionRunWriter* writer) {
  const ShardScorer scorer(inputs.scenarios, plan, inputs.state, context);
  ShardLoop loop(scorer, inputs.night.rows, context);
  std::optional<BudgetHeap> cut;
  if (alert_budget) {
    context.report().begin("find the alert budget's cut", inputs.night.rows, "rows");
    cut = find_cut(loop, static_cast<std::uint64_t>(*alert_budget));
    context.report().end();
  }
  const std::vector<std::string>& fleets = inputs.scenarios.header().fleets;
  ScoreTallies tallies(fleets.size(), inputs.policy);
  std::uint64_t reused = 0;
  std::mutex mutex;
  context.report().begin("score", inputs.night.rows, "rows");
  loop.run(
      [&](std::uint64_t shard, std::uint64_t first, ShardRows& scored) {
        DecisionRows& rows = scored.decisions;
        const std::uint64_t over =
            cut ? withhold_over_budget(*cut, rows.score, rows.decision, rows.p_surfaced, first) : 0;
        ScoreTallies part(fleets.size(), inputs.policy);
        part.add(rows, scored.carried_rows, over);
        const std::lock_guard lock(mutex);
        tallies.merge(part);
        if (writer && writer->done(shard)) ++reused;
      },
      [&](std::uint64_t shard, const ShardRows& scored) {
        if (writer && !writer->done(shard)) writer->write_shard(shard, scored.decisions);
      });
  context.report().end();
  ScoreReport report = tallies.report(fleets, plan.arms(), inputs.state.scenarios());
  report.night = inputs.night.time;
  report.shards_reused = reused;
  return report;
}

}  // namespace

ScoreReport run_score(const ScoreOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  const Inputs inputs = open_inputs(options);
  const NightPlan plan(inputs.scenarios, inputs.night, inputs.model, inputs.policy, inputs.state.manifest(),
                       context.seed, context.simd);
  const RunIdentity identity = identity_of(options, inputs, context);
  std::optional<DecisionRunWriter> writer;
  if (!context.dry_run)
    writer.emplace(options.output, identity, context.compression, context.overwrite, context.resume);
  ScoreReport report;
  try {
    report = score_night(inputs, plan, context, options.alert_budget, writer ? &*writer : nullptr);
  } catch (const Error& error) {
    // A full disk or a signal leaves a run to resume; a bad row leaves one that nothing can complete.
    if (writer && error.kind() == ErrorKind::bad_data) writer->discard();
    throw;
  }
  report.run_id = identity.run_id();
  if (writer && makes_state(options)) StateTransaction::create(options.state, inputs.state.manifest());
  if (writer) writer->finish(summary_json(report));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo

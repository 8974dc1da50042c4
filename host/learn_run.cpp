#include "host/learn_run.hpp"

#include <algorithm>
#include <optional>

#include "host/learn_buckets.hpp"
#include "host/learn_inputs.hpp"
#include "host/learn_join.hpp"
#include "host/learn_ledgers.hpp"
#include "host/learn_partitions.hpp"
#include "host/learn_shards.hpp"
#include "host/learn_tallies.hpp"
#include "host/sliding_posteriors.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// First ids of the state's shards, padded to the width of `id`.
IdList shard_starts(const StateManifest& manifest, IdType id) {
  IdList starts{id.words(), {}};
  for (const ShardEntry& shard : manifest.shards) {
    std::vector<std::uint64_t> first = shard.first_id;
    first.resize(static_cast<std::size_t>(id.words()), 0);
    starts.push_back(first.data());
  }
  return starts;
}

/// What all partitions together came to.
struct Learned {
  LearnCounts counts;
  std::vector<CreditedEvent> credited;
};

/// The end of the longest range of partitions from `first` whose events fit into memory; at least one
/// partition.
std::size_t fitting_partitions(const EventCensus& census, std::size_t first, std::uint64_t most) {
  std::size_t last = first;
  std::uint64_t events = 0;
  while (last < census.events.size() && (last == first || events + census.events[last] <= most))
    events += census.events[last++];
  return last;
}

/// Whether any partition of a segment has events.
std::vector<std::uint8_t> busy_segments(const LearnPartitions& partitions, const EventCensus& census) {
  std::vector<std::uint8_t> busy(partitions.segment.back() + 1, 0);
  for (std::size_t p = 0; p < partitions.size(); ++p)
    if (census.events[p] > 0) busy[partitions.segment[p]] = 1;
  return busy;
}

/// Learns all partitions in ascending order, several at a time, and hands their rows to `shards`.
class PartitionPass {
 public:
  PartitionPass(const LearnTask& task, const EventCensus& census, const LearnOptions& options, OldShards& old,
                NewShards& shards)
      : task_(task),
        census_(census),
        options_(options),
        old_(old),
        shards_(shards),
        busy_(busy_segments(task.partitions, census)) {}

  /// `all` holds the events of all partitions, where memory allows; otherwise they are read in several
  /// passes.
  Learned run(const EventBuckets* all) {
    Progress& progress = task_.context.report();
    progress.begin("learn", task_.partitions.size(), "partitions");
    if (all)
      learn_group(*all, 0, task_.partitions.size());
    else
      for (std::size_t first = 0, last = 0; first < task_.partitions.size(); first = last) {
        last = fitting_partitions(census_, first, options_.events_in_memory);
        learn_group({task_.inputs, task_.partitions, options_.as_of, first, last, task_.context}, first,
                    last);
      }
    progress.end();
    return std::move(learned_);
  }

 private:
  void learn_group(const EventBuckets& buckets, std::size_t first, std::size_t last) {
    const auto wave = static_cast<std::size_t>(8 * task_.context.threads);
    for (; first < last; first = std::min(last, first + wave))
      learn_wave(buckets, first, std::min(last, first + wave));
  }

  void learn_wave(const EventBuckets& buckets, std::size_t first, std::size_t last) {
    std::vector<PartitionOutcome> outcomes(last - first);
    parallel_for(task_.context.threads, outcomes.size(), [&](std::uint64_t i) {
      task_.context.check_stop();
      const std::size_t p = first + i;
      if (!busy_[task_.partitions.segment[p]]) return;
      const StateRows old = old_.rows_of(task_.partitions, p);
      if (census_.events[p] == 0) {
        outcomes[i].rows = old;
        return;
      }
      outcomes[i] = learn_joined(task_, p, buckets.of(p), old);
    });
    for (std::size_t i = 0; i < outcomes.size(); ++i) take(first + i, outcomes[i]);
    shards_.write_full(task_.context.threads);
    old_.forget_before(task_.partitions.segment[last - 1]);
    task_.context.report().advance(last - first);
  }

  void take(std::size_t p, const PartitionOutcome& outcome) {
    const std::uint32_t segment = task_.partitions.segment[p];
    if (busy_[segment])
      shards_.append(segment, outcome.rows, outcome.rows_changed);
    else if (p == 0 || task_.partitions.segment[p - 1] != segment)
      shards_.keep(segment);
    add_counts(learned_.counts, outcome.counts);
    learned_.credited.insert(learned_.credited.end(), outcome.credited.begin(), outcome.credited.end());
  }

  const LearnTask& task_;
  const EventCensus& census_;
  const LearnOptions& options_;
  OldShards& old_;
  NewShards& shards_;
  std::vector<std::uint8_t> busy_;
  Learned learned_;
};

void add_squared_error(const LearnCounts& counts, StateManifest& manifest) {
  LearnCounts total;
  total.squared_error_lo = manifest.squared_error_lo;
  total.squared_error_hi = manifest.squared_error_hi;
  add_counts(total, counts);
  manifest.squared_error_lo = total.squared_error_lo;
  manifest.squared_error_hi = total.squared_error_hi;
  manifest.updates += counts.updates;
  manifest.late_events += counts.late;
}

/// Turns slots of the call's tallies into fleets of the manifest.
void name_fleets(const LearnInputs& inputs, FleetTable& fleets, std::vector<CreditedEvent>& events) {
  std::vector<std::uint32_t> fleet_of(inputs.fleet_slots, unknown_run);
  for (CreditedEvent& event : events) {
    const LearnRun& run = inputs.runs[event.run];
    std::uint32_t& fleet = fleet_of[event.fleet];
    if (fleet == unknown_run)
      fleet = static_cast<std::uint32_t>(
          fleets.index(run.decisions->identity().fleets[event.fleet - run.first_fleet]));
    event.fleet = fleet;
  }
}

MeanLoss loss_of(const Policy& policy, std::span<const std::int64_t> answers) {
  AnswerCounts counts;
  counts.add(answers);
  return mean_loss(counts, loss_table(policy));
}

/// One call, from the opened files to the committed generation.
class LearnCall {
 public:
  LearnCall(const LearnOptions& options, const RunContext& context, LearnInputs& inputs,
            const StateSnapshot& before, StateTransaction* transaction)
      : options_(options),
        context_(context),
        inputs_(inputs),
        before_(before),
        transaction_(transaction),
        policy_(policy_from_json(before.manifest().policy_json, before.path().string())) {}

  LearnReport run() {
    fit_to_state(policy_, before_.manifest(), inputs_);
    LearnReport report;
    StateManifest manifest = before_.manifest();
    report.events = inputs_.events;
    report.scenarios = before_.scenarios();
    report.before = loss_of(policy_, manifest.lifetime);
    if (inputs_.events > 0) learn(manifest, report);
    report.after = loss_of(policy_, manifest.lifetime);
    const bool learned = report.counts.applied + report.counts.retracted > 0;
    if (!learned) report.fleets = stored_readings(policy_, manifest);
    report.changed = learned || options_.next_round;
    if (report.changed) begin_round(manifest);
    report.round = manifest.round;
    report.generation = before_.manifest().generation;
    if (report.changed && transaction_) report.generation = transaction_->commit(std::move(manifest));
    return report;
  }

 private:
  bool slides() const { return policy_.threshold.kind == ThresholdKind::sliding_thompson; }

  void begin_round(StateManifest& manifest) const {
    ++manifest.round;
    if (slides()) slide_posteriors(policy_.threshold.rounds, manifest);
  }

  void learn(StateManifest& manifest, LearnReport& report) {
    const LearnPartitions partitions = cut_partitions(inputs_, shard_starts(manifest, inputs_.id),
                                                      options_.partition_rows, context_.threads);
    std::optional<EventBuckets> all;
    if (inputs_.events <= options_.events_in_memory)
      all.emplace(inputs_, partitions, options_.as_of, 0, partitions.size(), context_);
    const EventCensus census =
        all ? all->census() : count_events(inputs_, partitions, options_.as_of, context_);
    report.expired = census.expired;
    report.after_as_of = census.after_as_of;
    if (std::ranges::all_of(census.events, [](std::uint64_t events) { return events == 0; })) return;

    LearnLedgers ledgers(inputs_, census, before_);
    TallyPool tallies(inputs_.fleet_slots, static_cast<int>(manifest.thresholds.size()));
    const LearnTask task{context_,
                         inputs_,
                         partitions,
                         {policy_.score.step, target_table(policy_), policy_.score.carry},
                         credit_table(policy_.threshold.credit, inputs_.sources),
                         manifest.fraction_bits != 0,
                         ledgers,
                         tallies};
    OldShards old(before_, inputs_.id);
    NewShards shards(before_, inputs_.id, transaction_);
    Learned learned = PartitionPass(task, census, options_, old, shards).run(all ? &*all : nullptr);
    std::vector<ShardEntry> entries = shards.finish(context_.threads);

    report.counts = learned.counts;
    report.scenarios = shards.scenarios();
    if (learned.counts.applied + learned.counts.retracted == 0) return;
    const SlotTallies sum = tallies.sum();
    report.call = loss_of(policy_, sum.answers);
    settle(sum, learned, manifest, report);
    if (!transaction_) return;
    manifest.shards = std::move(entries);
    manifest.id = inputs_.id;
    manifest.id_known = true;
    manifest.ledgers =
        ledgers.write(inputs_.newest_night - policy_.loss.max_delay, *transaction_, context_.threads);
  }

  /// Tallies, posteriors, losses and monitors of the new generation.
  void settle(const SlotTallies& sum, Learned& learned, StateManifest& manifest, LearnReport& report) {
    FleetTable fleets(manifest);
    const NewAnswers answers = add_tallies(inputs_, sum, manifest, fleets);
    if (manifest.fraction_bits != 0) {
      name_fleets(inputs_, fleets, learned.credited);
      discount_posteriors(policy_.threshold.gamma, learned.credited, manifest);
    }
    const bool nothing_learned = before_.manifest().fleets.empty();
    if (nothing_learned || manifest.model_digest.empty())
      manifest.model_digest = inputs_.runs.back().decisions->identity().model_digest;
    if (slides()) add_to_window(inputs_, sum, fleets, manifest);
    add_squared_error(learned.counts, manifest);
    prune_rounds(policy_, manifest.recent);
    report.fleets = evaluate_monitors(policy_, answers, manifest);
    if (learned.counts.updates > 0)
      report.prediction_loss = (static_cast<double>(learned.counts.squared_error_hi) * 0x1p-8 +
                                static_cast<double>(learned.counts.squared_error_lo) * 0x1p-40) /
                               static_cast<double>(learned.counts.updates);
  }

  const LearnOptions& options_;
  const RunContext& context_;
  LearnInputs& inputs_;
  const StateSnapshot& before_;
  StateTransaction* transaction_;
  Policy policy_;
};

}  // namespace

LearnReport run_learn(const LearnOptions& options, const RunContext& context) {
  LearnInputs inputs = open_learn_inputs(options);
  const bool makes_state = options.new_state && !std::filesystem::exists(options.state);
  if (context.dry_run) {
    const StateSnapshot before =
        makes_state ? StateSnapshot(options.state, first_manifest(inputs)) : StateSnapshot(options.state);
    return LearnCall(options, context, inputs, before, nullptr).run();
  }
  if (makes_state) StateTransaction::create(options.state, first_manifest(inputs));
  StateTransaction transaction(options.state);
  return LearnCall(options, context, inputs, transaction.before(), &transaction).run();
}

}  // namespace npo

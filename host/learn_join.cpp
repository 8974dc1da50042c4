#include "host/learn_join.hpp"

#include <algorithm>
#include <numeric>

#include "host/state_rows.hpp"
#include "kernels/update_score.hpp"

namespace npo {
namespace {

/// The partition's rows of one run that has events: its decisions, and which scenario each row is.
struct JoinedRun {
  std::size_t run;
  std::uint64_t first_row, rows;
  DecisionRows decisions;
  IdList ids;
  std::vector<std::uint32_t> scenario;                       ///< [rows] ordinal; empty: the row itself
  std::vector<std::pair<std::size_t, std::uint32_t>> cells;  ///< (source, offset of its ledger cells)
};

std::vector<JoinedRun> load_runs(const LearnTask& task, std::size_t index, const PartitionEvents& events) {
  std::vector<std::uint8_t> present(task.inputs.runs.size() * task.inputs.sources.size(), 0);
  const std::size_t sources = task.inputs.sources.size();
  events.for_each([&](const BucketedEvent& event) { present[event.run * sources + event.source()] = 1; });
  std::vector<JoinedRun> runs;
  std::uint32_t offset = 0;
  DecisionRun::Want want;
  want.ids = want.fleet = want.base_score = want.decision = want.arm = true;
  for (std::size_t run = 0; run < task.inputs.runs.size(); ++run) {
    const auto begin = present.begin() + static_cast<std::ptrdiff_t>(run * sources);
    if (std::find(begin, begin + static_cast<std::ptrdiff_t>(sources), 1) ==
        begin + static_cast<std::ptrdiff_t>(sources))
      continue;
    const auto& cuts = task.partitions.cuts[run];
    JoinedRun joined{run, cuts[index], cuts[index + 1] - cuts[index], {}, {}, {}, {}};
    joined.decisions = task.inputs.runs[run].decisions->read(joined.first_row, joined.rows, want);
    joined.ids =
        padded_ids(task.inputs.runs[run].decisions->identity().id, joined.decisions.ids, task.inputs.id);
    for (std::size_t source = 0; source < sources; ++source) {
      if (present[run * sources + source] == 0) continue;
      joined.cells.emplace_back(source, offset);
      offset += static_cast<std::uint32_t>(joined.rows);
    }
    runs.push_back(std::move(joined));
  }
  return runs;
}

/// The ascending union of two ascending lists.
IdList merge_ids(const IdList& a, const IdList& b) {
  IdList merged{a.width, {}};
  merged.words.reserve(a.words.size() + b.words.size());
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const int order = i == a.size() ? 1 : j == b.size() ? -1 : compare_ids(a.view(), i, b.view(), j);
    merged.push_back(order <= 0 ? a.id(i) : b.id(j));
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  return merged;
}

/// Numbers the scenarios of all runs through, in the order of their ids, and returns the ids.
IdList number_scenarios(std::vector<JoinedRun>& runs) {
  IdList all = runs.front().ids;
  for (const JoinedRun& run : runs)
    if (run.ids.words != all.words) all = merge_ids(all, run.ids);
  for (JoinedRun& run : runs) {
    if (run.ids.words == all.words) continue;
    run.scenario.resize(run.rows);
    std::uint32_t ordinal = 0;
    for (std::size_t row = 0; row < run.rows; ++row) {
      while (compare_ids(all.view(), ordinal, run.ids.view(), row) != 0) ++ordinal;
      run.scenario[row] = ordinal;
    }
  }
  return all;
}

/// Calls `both(row, ordinal)` for every row of `old` that is among `ids`.
template <class Both>
void for_each_match(const IdView& old, const IdView& ids, const Both& both) {
  std::size_t row = 0, ordinal = 0;
  while (row < old.rows && ordinal < ids.rows) {
    const int order = compare_ids(old, row, ids, ordinal);
    if (order == 0) both(row, ordinal);
    if (order <= 0) ++row;
    if (order >= 0) ++ordinal;
  }
}

/// Merges the state's rows with the scenarios of the partition as they are now; forgotten ones are left out.
StateRows merge_rows(const StateRows& old, const IdList& ids, const std::vector<ScenarioState>& scenarios) {
  StateRows merged;
  const IdView old_ids = ids_of(old, ids.width), now_ids = ids.view();
  std::size_t row = 0, ordinal = 0;
  while (row < old_ids.rows || ordinal < now_ids.rows) {
    const int order = row == old_ids.rows       ? 1
                      : ordinal == now_ids.rows ? -1
                                                : compare_ids(old_ids, row, now_ids, ordinal);
    if (order < 0) append_rows(old, row, row + 1, ids.width, merged);
    if (order >= 0 && scenarios[ordinal].updates > 0)
      append_row(ids.id(ordinal), ids.width, scenarios[ordinal], merged);
    if (order <= 0) ++row;
    if (order >= 0) ++ordinal;
  }
  return merged;
}

/// The events of the partition as the kernel wants them.
struct KernelEvents {
  std::vector<LearnEvent> events;
  std::vector<UnixSeconds> time;
  std::vector<std::uint64_t> event_id;
  std::vector<std::uint8_t> outcome;
};

KernelEvents join_events(const LearnTask& task, const std::vector<JoinedRun>& runs,
                         const PartitionEvents& bucketed) {
  const std::size_t sources = task.inputs.sources.size();
  std::vector<const JoinedRun*> run_of(task.inputs.runs.size(), nullptr);
  std::vector<std::uint32_t> cells_of(run_of.size() * sources, 0);
  for (const JoinedRun& run : runs) {
    run_of[run.run] = &run;
    for (const auto& [source, offset] : run.cells) cells_of[run.run * sources + source] = offset;
  }
  KernelEvents out;
  out.events.reserve(bucketed.size());
  out.time.reserve(bucketed.size());
  out.event_id.reserve(bucketed.size());
  bucketed.for_each([&](const BucketedEvent& event) {
    const JoinedRun& run = *run_of[event.run];
    const DecisionRows& decisions = run.decisions;
    const auto decision = static_cast<Decision>(decisions.decision[event.row]);
    const LearnRun& learn_run = task.inputs.runs[event.run];
    out.events.push_back({run.scenario.empty() ? event.row : run.scenario[event.row],
                          cells_of[event.run * sources + event.source()] + event.row,
                          decisions.base_score[event.row], learn_run.decisions->identity().round,
                          learn_run.first_fleet + decisions.fleet[event.row], decision, event.kind(),
                          decisions.arm[event.row],
                          task.credit[event.source() * decision_count + static_cast<std::size_t>(decision)]});
    out.time.push_back(event.time);
    out.event_id.push_back(event.event_id);
  });
  if (task.collect_credited) out.outcome.resize(out.events.size());
  return out;
}

std::vector<std::uint8_t> load_cells(const LearnTask& task, const std::vector<JoinedRun>& runs) {
  std::vector<std::uint8_t> cells;
  for (const JoinedRun& run : runs)
    for (const auto& [source, offset] : run.cells) {
      const auto stored = task.ledgers.cells(run.run, source, run.first_row, run.rows);
      cells.insert(cells.end(), stored.begin(), stored.end());
    }
  return cells;
}

void store_cells(const LearnTask& task, const std::vector<JoinedRun>& runs,
                 std::span<const std::uint8_t> cells) {
  for (const JoinedRun& run : runs)
    for (const auto& [source, offset] : run.cells)
      task.ledgers.store(run.run, source, run.first_row, cells.subspan(offset, run.rows));
}

std::vector<CreditedEvent> credited_events(const LearnTask& task, std::size_t index,
                                           const KernelEvents& joined, const PartitionEvents& bucketed) {
  std::vector<CreditedEvent> credited;
  if (!task.collect_credited) return credited;
  std::size_t i = 0;
  bucketed.for_each([&](const BucketedEvent& waiting) {
    const std::uint8_t outcome = joined.outcome[i];
    const LearnEvent& event = joined.events[i++];
    if ((outcome & outcome_credited) == 0) return;
    const int what = outcome - outcome_credited;
    const bool retraction = what >= outcome_retracted;
    const int kind = what - (retraction ? outcome_retracted : outcome_applied);
    credited.push_back({event.fleet, waiting.time, waiting.event_id, waiting.run,
                        task.partitions.cuts[waiting.run][index] + waiting.row, waiting.source(), event.arm,
                        kind == static_cast<int>(FeedbackKind::like), retraction});
  });
  return credited;
}

}  // namespace

PartitionOutcome learn_joined(const LearnTask& task, std::size_t index, const PartitionEvents& events,
                              const StateRows& old) {
  PartitionOutcome outcome;
  std::vector<JoinedRun> runs = load_runs(task, index, events);
  const IdList ids = number_scenarios(runs);
  std::vector<ScenarioState> scenarios(ids.size());
  for_each_match(ids_of(old, ids.width), ids.view(),
                 [&](std::size_t row, std::size_t ordinal) { scenarios[ordinal] = state_at(old, row); });
  std::vector<std::uint8_t> cells = load_cells(task, runs);
  KernelEvents joined = join_events(task, runs, events);
  const LearnPartition partition{joined.events, joined.time, joined.event_id,
                                 scenarios,     cells,       joined.outcome};
  task.tallies.lend([&](const LearnTallies& tallies) {
    outcome.counts = task.context.device == DeviceKind::cuda
                         ? learn_partition_cuda(task.plan, partition, tallies, task.context.device_index)
                         : learn_partition_cpu(task.plan, partition, tallies, task.context.simd);
  });
  store_cells(task, runs, cells);
  outcome.credited = credited_events(task, index, joined, events);
  outcome.rows_changed = outcome.counts.updates + outcome.counts.retracted > 0;
  outcome.rows = outcome.rows_changed ? merge_rows(old, ids, scenarios) : old;
  return outcome;
}

std::vector<std::uint8_t> credit_table(Credit credit, const std::vector<std::string>& sources) {
  constexpr std::uint8_t overrides = 1 << static_cast<int>(FeedbackKind::override_decision);
  constexpr std::uint8_t likes = 1 << static_cast<int>(FeedbackKind::like);
  std::vector<std::uint8_t> table(sources.size() * decision_count, 0);
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const bool acted = credit == Credit::acted || (credit == Credit::automatic && sources[s] == "hindsight");
    table[s * decision_count + static_cast<std::size_t>(Decision::surfaced)] = overrides | likes;
    table[s * decision_count + static_cast<std::size_t>(Decision::withheld)] =
        acted ? overrides : overrides | likes;
  }
  return table;
}

}  // namespace npo

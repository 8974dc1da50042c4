#pragma once
#include "io/state_store.hpp"

/// Private to the manifest of a state: what it holds, each name once for writing and reading.
namespace npo {

inline constexpr const char* state_format_name = "npo.state";
inline constexpr std::size_t cells_per_arm = decision_count * answer_count;

/// Calls visit(attribute, field) for every whole number of the manifest.
template <class Manifest, class Visit>
void for_each_number(Manifest& manifest, const Visit& visit) {
  visit("generation", manifest.generation);
  visit("previous_generation", manifest.previous);
  visit("round", manifest.round);
  visit("fraction_bits", manifest.fraction_bits);
  visit("squared_error_lo", manifest.squared_error_lo);
  visit("squared_error_hi", manifest.squared_error_hi);
  visit("updates", manifest.updates);
  visit("late_events", manifest.late_events);
  visit("id_known", manifest.id_known);
  visit("id_text", manifest.id.text);
  visit("id_bytes", manifest.id.bytes);
}

/// Calls visit(dataset, member, long_name) for every field of the monitors.
template <class Visit>
void for_each_monitor_field(const Visit& visit) {
  visit("monitors/best_reference", &FleetMonitor::best_reference,
        "lowest full-window loss since the last retrain");
  visit("monitors/window_start", &FleetMonitor::window_start, "round after which the window may begin");
  visit("monitors/last_window_end", &FleetMonitor::last_window_end, "last round of the window before");
  visit("monitors/decisions_since_retrain", &FleetMonitor::decisions_since_retrain,
        "decisions since the last retrain");
  visit("monitors/alarms", &FleetMonitor::alarms, "alarms so far");
  visit("monitors/retrains", &FleetMonitor::retrains, "retrains so far");
  visit("monitors/loss", &FleetMonitor::loss, "feedback loss of the window; negative: not full");
  visit("monitors/alarm", &FleetMonitor::alarm, "1: the alarm rings");
}

/// The same for the rounds, apart from their answers.
template <class Visit>
void for_each_round_field(const Visit& visit) {
  visit("rounds/round", &RoundTallies::round, "round");
  visit("rounds/night", &RoundTallies::night, "night, seconds since 1970-01-01T00:00:00Z");
}

/// The same for the shards, apart from their ids.
template <class Visit>
void for_each_shard_field(const Visit& visit) {
  visit("shards/file", &ShardEntry::file, "file in the folder of the state");
  visit("shards/rows", &ShardEntry::rows, "scenarios");
  visit("shards/digest", &ShardEntry::digest, "content digest");
}

/// The same for the ledgers.
template <class Visit>
void for_each_ledger_field(const Visit& visit) {
  visit("ledgers/run_id", &LedgerEntry::run_id, "run");
  visit("ledgers/source", &LedgerEntry::source, "source of the feedback");
  visit("ledgers/night", &LedgerEntry::night, "night of the run, seconds since 1970-01-01T00:00:00Z");
  visit("ledgers/rows", &LedgerEntry::rows, "decisions of the run");
  visit("ledgers/file", &LedgerEntry::file, "file in the folder of the state");
  visit("ledgers/digest", &LedgerEntry::digest, "content digest");
}

}  // namespace npo

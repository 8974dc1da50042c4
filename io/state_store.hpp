#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/digest.hpp"
#include "io/scenario_file.hpp"
#include "kernels/learn_events.hpp"
#include "kernels/vocabulary.hpp"

/// The state of the loop (docs/formats/state.md): state.h5 is the manifest, small and replaced atomically;
/// beside it state.h5.d/ holds scenario shards and ledgers by generation. Format "npo.state".
namespace npo {

inline constexpr int state_format_version = 2;

/// Counts of answers in one round, for the monitor's window and for losses over time.
/// answers: [fleets][arms][decision_count][answer_count].
struct RoundTallies {
  std::uint32_t round = 0;
  UnixSeconds night = 0;
  std::vector<std::int64_t> answers;
  bool operator==(const RoundTallies&) const = default;
};

/// Credits of the decisions of one round, for sliding_thompson: [fleets][arms].
struct RoundPosteriors {
  std::uint32_t round = 0;
  std::vector<std::int64_t> successes, failures;
  bool operator==(const RoundPosteriors&) const = default;
};

/// Monitor of one fleet (spec section 7).
struct FleetMonitor {
  double best_reference = -1.0;       ///< lowest full-window mean since the last retrain; negative: none yet
  std::uint32_t window_start = 0;     ///< first round the window may hold: the first after the last retrain
  std::uint32_t last_window_end = 0;  ///< first round after the last window that was looked at as a reference
  std::int64_t decisions_since_retrain = 0;
  std::int64_t alarms = 0, retrains = 0;
  double loss = -1.0;  ///< Lhat of the last evaluation; negative: window not full
  std::uint8_t alarm = 0;
  bool operator==(const FleetMonitor&) const = default;
};

/// What the ledger knows of one run and source: one byte a decision row, 0 nothing, else 1 + FeedbackKind of
/// the event that was applied.
struct LedgerEntry {
  std::string run_id, source;
  UnixSeconds night = 0;
  std::uint64_t rows = 0;
  std::string file;    ///< relative to state.h5.d
  std::string digest;  ///< of its cells, hex
  bool operator==(const LedgerEntry&) const = default;
};

/// A shard of scenarios, and the range of ids it holds (both ends included, words).
struct ShardEntry {
  std::string file;  ///< relative to state.h5.d
  std::uint64_t rows = 0;
  std::string digest;
  std::vector<std::uint64_t> first_id, last_id;
  bool operator==(const ShardEntry&) const = default;
};

/// Everything small. Fleets are in order of first appearance and keep their index for ever.
struct StateManifest {
  std::uint64_t generation = 0;
  std::uint64_t previous = 0;  ///< the generation this one was made from; 0: none
  std::uint32_t round = 0;     ///< the Philox step of the next night's draws
  std::string policy_json, policy_digest, model_digest;
  IdType id;
  bool id_known = false;  ///< false until the first scenario is stored
  std::vector<float> thresholds;
  std::vector<std::string> fleets;
  int fraction_bits = 0;  ///< of successes and failures: 0 plain counts, 40 discounted
  std::vector<std::int64_t> successes, failures;            ///< [fleets][arms]
  std::vector<std::int64_t> lifetime;                       ///< [fleets][arms][decision_count][answer_count]
  std::vector<RoundTallies> recent;                         ///< the rounds a window may still need
  std::vector<RoundPosteriors> window;                      ///< sliding_thompson: ascending rounds
  std::vector<FleetMonitor> monitors;                       ///< [fleets]
  std::int64_t squared_error_lo = 0, squared_error_hi = 0;  ///< sum of (y - R)^2 in units 2^-40
  std::uint64_t updates = 0, late_events = 0;
  std::vector<ShardEntry> shards;  ///< ascending id ranges
  std::vector<LedgerEntry> ledgers;
  bool operator==(const StateManifest&) const = default;
};

/// Rows of the scenario part of the state, sorted by id.
struct StateRows {
  std::vector<std::uint64_t> ids;  ///< words
  std::vector<float> score, correction;
  std::vector<std::uint32_t> updates, steps, round;
  std::size_t rows() const { return score.size(); }
};

/// Reading: a snapshot of one generation.
class StateSnapshot {
 public:
  /// Error(environment) with the remedy `--new-state` when the file is missing.
  explicit StateSnapshot(const std::filesystem::path& path);
  /// A state that is not stored yet: what StateTransaction::create would make of `first`.
  StateSnapshot(const std::filesystem::path& path, StateManifest first);
  const std::filesystem::path& path() const { return path_; }
  const StateManifest& manifest() const { return manifest_; }
  std::uint64_t scenarios() const;
  /// Rows whose id lies in [first, last] (both words of the state's id width); shards outside are not opened.
  StateRows range(const std::uint64_t* first, const std::uint64_t* last) const;
  StateRows shard(std::size_t index) const;
  std::vector<std::uint8_t> ledger(const LedgerEntry& entry) const;
  /// Content digest of everything that decides results.
  Digest digest() const;

 private:
  std::filesystem::path path_;
  StateManifest manifest_;
};

/// Writing: holds the lock from construction to destruction (Error(environment) when another process has it,
/// with its process id). New shards and ledgers are written beside the old ones; `commit` replaces the
/// manifest atomically, keeps the last `keep` generations and removes files no kept generation names.
class StateTransaction {
 public:
  explicit StateTransaction(const std::filesystem::path& path, int keep = 8);
  ~StateTransaction();
  /// Error(environment) when a state cannot be made at `path`: the file, or pieces of another state, are
  /// there.
  static void require_room(const std::filesystem::path& path);
  /// Creates a first, empty generation, after require_room.
  static void create(const std::filesystem::path& path, const StateManifest& first);

  const StateSnapshot& before() const;
  /// Writes a shard of the next generation and returns its entry. Thread-safe.
  ShardEntry write_shard(const StateRows& rows, IdType id);
  /// Writes a ledger of the next generation and returns its entry. Thread-safe.
  LedgerEntry write_ledger(const std::string& run_id, const std::string& source, UnixSeconds night,
                           std::span<const std::uint8_t> cells);
  /// `manifest.generation` and `manifest.previous` are set here. Returns the new generation. Once a
  /// transaction.
  std::uint64_t commit(StateManifest manifest);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Goes back to the generation that the current one was made from (or to `generation`); the state moves
/// atomically. The generations left behind stay until the next commit, so that a rollback can be taken back.
/// Returns the generation now in force. A damaged manifest goes back to the latest kept one. Error(usage)
/// lists the kept ones when it is not kept, Error(bad_data) names a file that it lacks.
std::uint64_t rollback_state(const std::filesystem::path& path, std::optional<std::uint64_t> generation);
/// The generation that rollback_state would put in force, with the same errors; nothing moves.
std::uint64_t rollback_target(const std::filesystem::path& path, std::optional<std::uint64_t> generation);
/// The current generation, or nothing when its manifest is damaged but a kept one is not. Error(bad_data)
/// when all are.
std::optional<std::uint64_t> generation_in_force(const std::filesystem::path& path);
/// Generations that can be put in force, the current one among them unless it is damaged; ascending.
std::vector<std::uint64_t> kept_generations(const std::filesystem::path& path);
/// Checks every shard against its digest, ids ascending across shards, ledgers' lengths.
void validate_state(const StateSnapshot& state);

}  // namespace npo

#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/digest.hpp"
#include "io/scenario_file.hpp"
#include "kernels/vocabulary.hpp"

/// A folder of decisions (docs/formats/decisions.md): run.json, written first; shard-NNNNNN.h5, each whole or
/// absent; journal, append-only, one checksummed line a shard and a last one when the run is complete. Format
/// "npo.decisions".
namespace npo {

inline constexpr int decision_format_version = 1;

/// What makes a run what it is; a resume that differs in any of it is refused, naming the field. `run_id` is
/// the hash of everything that decides a result, 16 hex digits; speed settings (threads, batches, SIMD) are
/// not in it.
struct RunIdentity {
  std::string scenario_path;
  std::uint64_t scenario_bytes = 0;
  std::int64_t scenario_mtime_ns = 0;  ///< recorded, not part of run_id
  std::string scenario_header;         ///< digest of the scenario file's header, hex
  UnixSeconds night = 0;
  std::uint64_t rows = 0;
  std::uint64_t shard_rows = 0;  ///< a multiple of 4096; not part of run_id
  std::string model_digest, policy_digest, state_digest;
  std::uint64_t seed = 0;
  std::uint32_t round = 0;
  std::int64_t alert_budget = -1;  ///< -1: none
  int numeric_contract = numeric_contract_version;
  std::string npo_version;
  std::string policy_json;  ///< resolved policy, canonical JSON
  std::string model_json;
  IdType id;
  std::vector<std::string> fleets;  ///< names by the codes in the shards
  std::vector<float> thresholds;    ///< the arms
  std::vector<std::string> rules;   ///< names of the guardrail rules by bit
  std::string run_id() const;
};

/// Rows of one shard, owned. Aligned with the night's rows.
struct DecisionRows {
  std::vector<std::byte> ids;  ///< as stored in the scenario file
  std::vector<std::uint32_t> fleet;
  std::vector<float> base_score, score, p_surfaced;
  std::vector<std::uint8_t> decision, arm;
  std::vector<std::uint64_t> mask;
  std::size_t rows() const { return score.size(); }
  void resize(std::size_t rows, IdType id);
};

/// Creates or resumes the folder of a run. `write_shard` may be called by several threads, in any order, once
/// for each shard that is not done: it writes under a temporary name, checks, closes, re-opens and verifies,
/// fsyncs, renames, fsyncs the folder and appends to the journal.
class DecisionRunWriter {
 public:
  /// New folder, or resume of an interrupted run of the same identity (`resume`), or replacement
  /// (`overwrite`): a run that is there stays until `finish` puts the new one, written beside it, in its
  /// place; `resume` goes on with a replacement that was cut short. Error(environment) when the folder holds
  /// a run and neither is asked; Error(usage) naming the field that differs.
  DecisionRunWriter(const std::filesystem::path& folder, const RunIdentity& identity,
                    h5::Compression compression, bool overwrite, bool resume);
  ~DecisionRunWriter();
  /// Gives the run up: removes what it wrote, and the folder when this object made it; a run that it was to
  /// replace stays. For a run that no
  /// resume can complete, such as one over a bad row. Nothing else may be called afterwards.
  void discard();
  std::uint64_t shards() const;
  bool done(std::uint64_t shard) const;
  void write_shard(std::uint64_t shard, const DecisionRows& rows);
  /// Records the run as complete, with its summary (counts by fleet, arm and decision, score histogram), and
  /// puts it in the place of the run that it replaces.
  void finish(const nlohmann::json& summary);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A complete run, for reading. Error(bad_data) when it is incomplete ("resume it with ..."), a shard is
/// missing or the journal's checksum is wrong.
class DecisionRun {
 public:
  explicit DecisionRun(const std::filesystem::path& folder);
  ~DecisionRun();
  DecisionRun(DecisionRun&&) noexcept;
  const std::filesystem::path& folder() const;
  const RunIdentity& identity() const;
  const std::string& run_id() const;
  std::uint64_t rows() const;
  nlohmann::json summary() const;

  /// Columns of rows [first, first + count), across shards. Only the asked columns are read.
  struct Want {
    bool ids = false, fleet = false, base_score = false, score = false, decision = false, mask = false,
         arm = false, p_surfaced = false;
  };
  DecisionRows read(std::uint64_t first, std::uint64_t count, Want want) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Recomputes every shard's digests against the journal. Error(bad_data) names the shard and dataset.
void validate_decisions(const DecisionRun& run);
/// Content digest: independent of shards, threads, batches, compression and SIMD.
Digest digest_decisions(const DecisionRun& run);

}  // namespace npo

#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "io/decision_shard.hpp"
#include "io/journal.hpp"

/// The files of a folder of decisions and what its journal says of them.
namespace npo {

std::filesystem::path run_json_path(const std::filesystem::path& folder);
std::filesystem::path journal_path(const std::filesystem::path& folder);
std::filesystem::path run_lock_path(const std::filesystem::path& folder);

/// A shard as the journal records it.
struct ShardRecord {
  std::uint64_t shard = 0, rows = 0, bytes = 0;  ///< bytes: size of the file
  std::string file;
  ShardDigests digests;
};
nlohmann::json shard_record_to_json(const ShardRecord& record);
nlohmann::json complete_record(std::uint64_t shards, const nlohmann::json& summary);

/// What a journal says: for each shard its last record, and the summary when the last record of all says
/// "complete".
struct RunProgress {
  std::map<std::uint64_t, ShardRecord> shards;
  std::optional<nlohmann::json> summary;
  std::uint64_t whole_bytes = 0;
};
/// Error(bad_data) names the line that is damaged or does not fit the run.
RunProgress read_progress(const std::filesystem::path& folder, const RunIdentity& identity);

/// The identity in run.json. Error(environment) when the folder holds no run.
RunIdentity read_run_identity(const std::filesystem::path& folder);

/// Removes what a run left in `folder`, run.json last, so that a crash on the way leaves a run that can be
/// resumed. Error(environment) before anything is removed when the folder holds files that are not a run's.
void remove_run_files(const std::filesystem::path& folder);
/// Error(environment) when the folder holds files that are not a run's.
void require_only_run_files(const std::filesystem::path& folder);
/// Removes only temporary files of interrupted writes.
void remove_temporary_files(const std::filesystem::path& folder);
/// Error(environment) unless the folder holds nothing but temporary files.
void require_empty(const std::filesystem::path& folder);

}  // namespace npo

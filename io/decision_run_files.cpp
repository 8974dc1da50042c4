#include "io/decision_run_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "io/atomic_file.hpp"
#include "io/run_identity.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

enum class FileRole { run_json, journal, lock, shard, temporary, foreign };

FileRole role_of(const std::string& name) {
  static const std::regex shard("shard-[0-9]{6,}\\.h5");
  static const std::regex temporary("(run\\.json|shard-[0-9]{6,}\\.h5)\\..*\\.tmp");
  if (name == "run.json") return FileRole::run_json;
  if (name == "journal") return FileRole::journal;
  if (name == "lock") return FileRole::lock;
  if (std::regex_match(name, shard)) return FileRole::shard;
  return std::regex_match(name, temporary) ? FileRole::temporary : FileRole::foreign;
}

/// Names of the files in `folder` that have one of `roles`, sorted.
std::vector<std::string> files_of(const fs::path& folder, std::initializer_list<FileRole> roles) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (std::ranges::find(roles, role_of(name)) != roles.end()) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error)
    throw Error(ErrorKind::environment, fmt::format("cannot remove {}: {}", path.string(), error.message()),
                "check the permissions of its folder");
}

ShardRecord record_from_json(const nlohmann::json& json) {
  return {.shard = json.at("shard").get<std::uint64_t>(),
          .rows = json.at("rows").get<std::uint64_t>(),
          .bytes = json.at("bytes").get<std::uint64_t>(),
          .file = json.at("file").get<std::string>(),
          .digests = json.at("digests").get<ShardDigests>()};
}

bool fits(const ShardRecord& record, const RunIdentity& identity) {
  return record.shard < shard_count(identity) && record.rows == shard_range(identity, record.shard).rows &&
         record.file == shard_name(record.shard) && record.digests.size() == decision_columns().size();
}

}  // namespace

fs::path run_json_path(const fs::path& folder) {
  return folder / "run.json";
}
fs::path journal_path(const fs::path& folder) {
  return folder / "journal";
}
fs::path run_lock_path(const fs::path& folder) {
  return folder / "lock";
}

nlohmann::json shard_record_to_json(const ShardRecord& record) {
  return {{"shard", record.shard},
          {"rows", record.rows},
          {"bytes", record.bytes},
          {"file", record.file},
          {"digests", record.digests}};
}

nlohmann::json complete_record(std::uint64_t shards, const nlohmann::json& summary) {
  return {{"complete", true}, {"shards", shards}, {"summary", summary}};
}

RunProgress read_progress(const fs::path& folder, const RunIdentity& identity) {
  const Journal journal = read_journal(journal_path(folder));
  RunProgress progress;
  progress.whole_bytes = journal.whole_bytes;
  for (std::size_t line = 0; line < journal.records.size(); ++line) {
    const nlohmann::json& json = journal.records[line];
    try {
      progress.summary.reset();
      if (json.contains("complete")) {
        progress.summary = json.at("summary");
        continue;
      }
      ShardRecord record = record_from_json(json);
      if (fits(record, identity)) {
        progress.shards.insert_or_assign(record.shard, std::move(record));
        continue;
      }
    } catch (const nlohmann::json::exception&) {  // reported below, like a record that does not fit
    }
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: line {} is no record of this run", journal_path(folder).string(), line + 1),
                "score again with --overwrite");
  }
  return progress;
}

RunIdentity read_run_identity(const fs::path& folder) {
  const fs::path path = run_json_path(folder);
  if (!fs::exists(path))
    throw Error(ErrorKind::environment, fmt::format("{} holds no run: there is no run.json", folder.string()),
                "name a folder that npo score has written");
  return run_identity_from_json(strict_json::parse(read_text(path), path.string()), path.string());
}

void require_only_run_files(const fs::path& folder) {
  const auto foreign = files_of(folder, {FileRole::foreign});
  if (!foreign.empty())
    throw Error(ErrorKind::environment,
                fmt::format("{} holds {}, which is no part of a run", folder.string(), foreign.front()),
                "move it away, or choose another folder");
}

void remove_run_files(const fs::path& folder) {
  require_only_run_files(folder);
  for (const auto role : {FileRole::journal, FileRole::temporary, FileRole::shard, FileRole::run_json})
    for (const std::string& name : files_of(folder, {role})) remove_file(folder / name);
  sync_path(folder);
}

void remove_temporary_files(const fs::path& folder) {
  for (const std::string& name : files_of(folder, {FileRole::temporary})) remove_file(folder / name);
}

void require_empty(const fs::path& folder) {
  const auto found =
      files_of(folder, {FileRole::run_json, FileRole::journal, FileRole::shard, FileRole::foreign});
  if (!found.empty())
    throw Error(ErrorKind::environment,
                fmt::format("{} is not empty and holds no run: it holds {}", folder.string(), found.front()),
                "choose another folder");
}

}  // namespace npo

#include <fmt/format.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/decision_run.hpp"
#include "io/decision_run_files.hpp"
#include "io/lock_file.hpp"
#include "io/run_identity.hpp"
#include "io/run_replacement.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

void require_whole_tiles(const RunIdentity& identity) {
  if (identity.shard_rows == 0 || identity.shard_rows % tile_rows != 0)
    throw Error(ErrorKind::usage,
                fmt::format("shards of {} rows do not hold whole tiles", identity.shard_rows),
                fmt::format("choose a multiple of {}", tile_rows));
}

/// Error(usage) naming the field in which the run in `folder` differs from the one asked for.
void require_same_run(const fs::path& folder, const RunIdentity& asked) {
  const auto difference = differing_field(read_run_identity(folder), asked);
  if (difference)
    throw Error(ErrorKind::usage,
                fmt::format("cannot resume {}: {} was {} and is now {}", folder.string(), difference->field,
                            difference->stored, difference->asked),
                "go on with what the run began with, or start over with --overwrite");
}

fs::path made_folder(const fs::path& folder) {
  make_directory(folder);
  return folder;
}

/// Whether `folder` holds a run of identity `asked`.
bool holds_run(const fs::path& folder, const RunIdentity& asked) {
  return fs::exists(run_json_path(folder)) && !differing_field(read_run_identity(folder), asked);
}

/// Whether a run is to be written beside the one in `target` rather than into it.
bool goes_beside(const fs::path& target, const RunIdentity& asked, bool overwrite, bool resume) {
  if (!fs::exists(run_json_path(target))) return false;
  return overwrite || (resume && holds_run(replacement_of(target), asked));
}

}  // namespace

struct DecisionRunWriter::Impl {
  Impl(const fs::path& path, const RunIdentity& asked, h5::Compression how, bool overwrite, bool resume)
      : identity(asked), run_id(asked.run_id()), compression(how), done(shard_count(asked), false) {
    target = named_folder(path);
    recover_replacement(target);
    folder_is_new = !fs::exists(target);
    target_lock.emplace(run_lock_path(made_folder(target)), path.string());
    folder = target;
    if (goes_beside(target, asked, overwrite, resume))
      prepare_beside(resume);
    else
      prepare(overwrite, resume);
  }

  /// Prepares the folder beside, for a run that is to replace the one in the target.
  void prepare_beside(bool resume) {
    require_only_run_files(target);
    folder = made_folder(replacement_of(target));
    lock.emplace(run_lock_path(folder), folder.string());
    const bool goes_on = resume && holds_run(folder, identity);
    prepare(!goes_on, goes_on);
  }

  bool replaces() const { return folder != target; }

  /// Prepares the folder: after this it holds run.json of this run and no temporary files.
  void prepare(bool overwrite, bool resume) {
    const bool exists = fs::exists(run_json_path(folder));
    if (exists && resume && !overwrite) {
      require_same_run(folder, identity);
      remove_temporary_files(folder);
      return;
    }
    if (exists && !overwrite)
      throw Error(ErrorKind::environment, fmt::format("{} holds a run", folder.string()),
                  "use --resume to go on with it, --overwrite to replace it, or choose another folder");
    if (overwrite)
      remove_run_files(folder);
    else
      require_empty(folder);
    remove_temporary_files(folder);
    write_text_atomically(run_json_path(folder), false, run_identity_to_json(identity).dump(2) + "\n");
  }

  /// Gives the complete run the name of the one it replaces, which is removed.
  void replace() {
    journal.reset();
    exchange_folders(folder, target);
    lock->moved_to(run_lock_path(target));
    target_lock->moved_to(run_lock_path(folder));
    remove_replacement();
    folder = target;
  }

  /// Removes the folder beside the target, with what it holds.
  void remove_replacement() {
    const fs::path beside = replacement_of(target);
    remove_run_files(beside);
    if (fs::exists(run_lock_path(beside))) fs::remove(run_lock_path(beside));
    std::error_code not_empty;
    fs::remove(beside, not_empty);
  }

  /// Takes over what an interrupted run finished: shards in the journal whose files still have their size.
  void take_over() {
    const RunProgress progress = read_progress(folder, identity);
    bool whole = true;
    for (const auto& [shard, record] : progress.shards) {
      std::error_code error;
      done[shard] = fs::file_size(folder / record.file, error) == record.bytes && !error;
    }
    for (const bool shard_done : done) whole = whole && shard_done;
    complete = progress.summary.has_value() && whole;
    journal.emplace(journal_path(folder), progress.whole_bytes);
  }

  fs::path target,
      folder;  ///< where the run belongs, and where it is written: the same unless it replaces one
  bool folder_is_new = false;
  std::optional<LockFile> target_lock, lock;
  RunIdentity identity;
  std::string run_id;
  h5::Compression compression;
  std::mutex mutex;  ///< guards what follows
  std::vector<bool> done;
  bool complete = false;
  std::optional<JournalWriter> journal;
};

DecisionRunWriter::DecisionRunWriter(const fs::path& folder, const RunIdentity& identity,
                                     h5::Compression compression, bool overwrite, bool resume) {
  require_whole_tiles(identity);
  impl_ = std::make_unique<Impl>(folder, identity, compression, overwrite, resume);
  impl_->take_over();
}

DecisionRunWriter::~DecisionRunWriter() = default;

void DecisionRunWriter::discard() {
  impl_->journal.reset();
  if (impl_->replaces()) {
    impl_->remove_replacement();
    impl_.reset();
    return;
  }
  const fs::path folder = impl_->folder;
  const bool folder_is_new = impl_->folder_is_new;
  remove_run_files(folder);
  impl_.reset();
  std::error_code not_empty;
  if (folder_is_new) fs::remove(folder, not_empty);
}

std::uint64_t DecisionRunWriter::shards() const {
  return shard_count(impl_->identity);
}

bool DecisionRunWriter::done(std::uint64_t shard) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->done.at(shard);
}

void DecisionRunWriter::write_shard(std::uint64_t shard, const DecisionRows& rows) {
  Impl& run = *impl_;
  if (done(shard)) throw Error(ErrorKind::internal, fmt::format("shard {} is written already", shard));
  const ShardRange range = shard_range(run.identity, shard);
  require_rows(rows, range, run.identity.id);
  ShardRecord record{.shard = shard,
                     .rows = range.rows,
                     .file = shard_name(shard),
                     .digests = digest_rows(rows, run.identity.id)};
  const fs::path path = run.folder / record.file;
  write_atomically(
      path, true,
      [&](const fs::path& temporary) {
        write_decision_shard(temporary, run.identity, run.run_id, range, rows, run.compression);
      },
      [&](const fs::path& temporary) {
        if (DecisionShard(temporary, run.identity, run.run_id, range).digests() != record.digests)
          throw Error(ErrorKind::environment,
                      fmt::format("{} reads back differently from what was written", temporary.string()),
                      "check the disk and resume");
      });
  record.bytes = fs::file_size(path);
  const std::lock_guard lock(run.mutex);
  run.journal->append(shard_record_to_json(record));
  run.done[shard] = true;
}

void DecisionRunWriter::finish(const nlohmann::json& summary) {
  Impl& run = *impl_;
  const std::lock_guard lock(run.mutex);
  if (!run.complete) {
    for (std::uint64_t shard = 0; shard < run.done.size(); ++shard)
      if (!run.done[shard])
        throw Error(ErrorKind::internal, fmt::format("shard {} was never written", shard));
    run.journal->append(complete_record(run.done.size(), summary));
    run.complete = true;
  }
  if (run.replaces()) run.replace();
}

}  // namespace npo

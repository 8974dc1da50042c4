#include "io/decision_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>

#include "io/decision_run_files.hpp"
#include "io/decision_shard.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

/// The shards of a run, opened when first read; the least recently used is closed when too many are open.
class OpenShards {
 public:
  OpenShards(const fs::path& folder, const RunIdentity& identity, std::string run_id)
      : folder_(folder), identity_(identity), run_id_(std::move(run_id)) {}

  std::shared_ptr<const DecisionShard> shard(std::uint64_t index) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(open_, index, [](const auto& open) { return open->range().shard; });
    if (found != open_.end()) {
      open_.splice(open_.begin(), open_, found);
    } else {
      open_.push_front(std::make_shared<DecisionShard>(folder_ / shard_name(index), identity_, run_id_,
                                                       shard_range(identity_, index)));
      if (open_.size() > most_open) open_.pop_back();
    }
    return open_.front();
  }

 private:
  static constexpr std::size_t most_open = 32;
  fs::path folder_;
  const RunIdentity& identity_;
  std::string run_id_;
  std::mutex mutex_;
  std::list<std::shared_ptr<const DecisionShard>> open_;
};

void require_file(const fs::path& folder, const ShardRecord& record) {
  std::error_code error;
  const auto bytes = fs::file_size(folder / record.file, error);
  const std::string path = (folder / record.file).string();
  if (error)
    throw Error(ErrorKind::bad_data, fmt::format("{} is missing", path), "resume the run to write it again");
  if (bytes != record.bytes)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} has {} bytes, the journal says {}", path, bytes, record.bytes),
                "resume the run to write it again");
}

}  // namespace

struct DecisionRun::Impl {
  explicit Impl(const fs::path& path)
      : folder(path),
        identity(read_run_identity(path)),
        run_id(identity.run_id()),
        progress(read_progress(path, identity)),
        open(folder, identity, run_id) {}

  fs::path folder;
  RunIdentity identity;
  std::string run_id;
  RunProgress progress;
  mutable OpenShards open;
};

DecisionRun::DecisionRun(const fs::path& folder) : impl_(std::make_unique<Impl>(folder)) {
  const std::uint64_t shards = shard_count(impl_->identity);
  if (!impl_->progress.summary || impl_->progress.shards.size() != shards)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is incomplete: {} of {} shards are written", folder.string(),
                            impl_->progress.shards.size(), shards),
                "finish it with the same npo score command and --resume");
  for (const auto& [shard, record] : impl_->progress.shards) require_file(folder, record);
}

DecisionRun::~DecisionRun() = default;
DecisionRun::DecisionRun(DecisionRun&&) noexcept = default;

const fs::path& DecisionRun::folder() const {
  return impl_->folder;
}
const RunIdentity& DecisionRun::identity() const {
  return impl_->identity;
}
const std::string& DecisionRun::run_id() const {
  return impl_->run_id;
}
std::uint64_t DecisionRun::rows() const {
  return impl_->identity.rows;
}
nlohmann::json DecisionRun::summary() const {
  return *impl_->progress.summary;
}

DecisionRows DecisionRun::read(std::uint64_t first, std::uint64_t count, Want want) const {
  const RunIdentity& identity = impl_->identity;
  if (first > rows() || count > rows() - first)
    throw Error(ErrorKind::internal,
                fmt::format("rows {} to {} asked of a run of {}", first, first + count, rows()));
  DecisionRows out;
  for (const DecisionColumn& column : decision_columns())
    if (want.*column.wanted) column.resize(out, column.is_id ? count * identity.id.bytes : count);
  for (std::uint64_t at = first; at < first + count;) {
    const auto shard = impl_->open.shard(at / identity.shard_rows);
    const std::uint64_t offset = at - shard->range().first_row;
    const std::uint64_t piece = std::min(shard->range().rows - offset, first + count - at);
    for (std::size_t i = 0; i < decision_columns().size(); ++i) {
      const DecisionColumn& column = decision_columns()[i];
      if (!(want.*column.wanted)) continue;
      const RowWindow window = shard->read(i, offset, piece);
      std::memcpy(column.bytes(out).data() + (at - first) * column.row_bytes(identity.id),
                  window.bytes().data(), window.bytes().size());
    }
    at += piece;
  }
  return out;
}

}  // namespace npo

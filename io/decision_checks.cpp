#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/decision_run.hpp"
#include "io/decision_run_files.hpp"
#include "io/decision_shard.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t checked_rows = 16 * tile_rows;

void require_digests(const DecisionShard& shard, const ShardRecord& record) {
  const ShardDigests digests = shard.digests();
  for (std::size_t i = 0; i < digests.size(); ++i)
    if (digests[i] != record.digests[i])
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: {} differs from its digest in the journal", shard.path().string(),
                              decision_columns()[i].dataset),
                  "remove the shard and resume the run to write it again");
}

/// Codes within their tables and probabilities within [0,1].
void require_sound_rows(const DecisionRun& run, std::uint64_t first, std::uint64_t count) {
  const DecisionRows rows =
      run.read(first, count, {.fleet = true, .decision = true, .arm = true, .p_surfaced = true});
  const auto require = [&](bool sound, const char* dataset, std::size_t row) {
    if (!sound)
      throw Error(
          ErrorKind::bad_data,
          fmt::format("{}: {} of row {} is outside its range", run.folder().string(), dataset, first + row),
          "score again with --overwrite");
  };
  for (std::size_t row = 0; row < count; ++row) {
    require(rows.fleet[row] < run.identity().fleets.size(), "decisions/fleet", row);
    require(rows.decision[row] < decision_count, "decisions/decision", row);
    require(rows.arm[row] < run.identity().thresholds.size(), "decisions/arm", row);
    require(rows.p_surfaced[row] >= 0.0f && rows.p_surfaced[row] <= 1.0f, "decisions/p_surfaced", row);
  }
}

}  // namespace

void validate_decisions(const DecisionRun& run) {
  const RunProgress progress = read_progress(run.folder(), run.identity());
  for (const auto& [index, record] : progress.shards)
    require_digests(DecisionShard(run.folder() / record.file, run.identity(), run.run_id(),
                                  shard_range(run.identity(), index)),
                    record);
  for (std::uint64_t first = 0; first < run.rows(); first += checked_rows)
    require_sound_rows(run, first, std::min(checked_rows, run.rows() - first));
}

Digest digest_decisions(const DecisionRun& run) {
  const IdType id = run.identity().id;
  std::vector<ColumnDigest> columns;
  for (const DecisionColumn& column : decision_columns()) columns.emplace_back(column.row_bytes(id));
  for (std::uint64_t index = 0; index < shard_count(run.identity()); ++index) {
    const ShardRange range = shard_range(run.identity(), index);
    const DecisionShard shard(run.folder() / shard_name(index), run.identity(), run.run_id(), range);
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (std::uint64_t first = 0; first < range.rows; first += checked_rows)
        columns[i].add(shard.read(i, first, std::min(checked_rows, range.rows - first)).bytes());
  }
  DigestList list;
  list.add("format", "npo.decisions");
  list.add("run_id", run.run_id());
  for (std::size_t i = 0; i < columns.size(); ++i)
    list.add(decision_columns()[i].dataset, columns[i].finish());
  return list.finish();
}

}  // namespace npo

#include "host/learn_shards.hpp"

#include "host/state_rows.hpp"

namespace npo {
namespace {

constexpr std::size_t max_shard_rows = 262144;

}  // namespace

std::shared_ptr<const StateRows> OldShards::shard(std::uint32_t segment) {
  const std::lock_guard lock(mutex_);
  auto& place = loaded_[segment];
  if (!place) {
    StateRows rows;
    if (segment < before_.manifest().shards.size()) {
      rows = before_.shard(segment);
      widen_ids(before_.manifest().id.words(), id_.words(), rows);
    }
    place = std::make_shared<const StateRows>(std::move(rows));
  }
  return place;
}

StateRows OldShards::rows_of(const LearnPartitions& partitions, std::size_t partition) {
  const auto rows = shard(partitions.segment[partition]);
  const IdView ids = ids_of(*rows, id_.words()), cuts = partitions.splitters.view();
  const std::size_t first = partition == 0 ? 0 : lower_bound_id(ids, cuts, partition - 1);
  const std::size_t last = partition == cuts.rows ? ids.rows : lower_bound_id(ids, cuts, partition);
  StateRows part;
  append_rows(*rows, first, last, id_.words(), part);
  return part;
}

void OldShards::forget_before(std::uint32_t segment) {
  const std::lock_guard lock(mutex_);
  loaded_.erase(loaded_.begin(), loaded_.lower_bound(segment));
}

void NewShards::append(std::uint32_t segment, const StateRows& rows, bool changed) {
  if (segment_ != segment) close_segment();
  segment_ = segment;
  segment_changed_ = segment_changed_ || changed;
  append_rows(rows, 0, rows.rows(), id_.words(), pending_);
  while (segment_changed_ && pending_.rows() >= 2 * max_shard_rows) queue(max_shard_rows);
}

void NewShards::keep(std::uint32_t segment) {
  close_segment();
  if (segment >= before_.manifest().shards.size()) return;
  entries_.push_back(before_.manifest().shards[segment]);
  scenarios_ += entries_.back().rows;
}

/// The rest of a changed segment becomes pieces of equal size.
void NewShards::close_segment() {
  if (!segment_) return;
  const std::uint32_t segment = *segment_;
  segment_.reset();
  if (!segment_changed_) {
    pending_ = {};
    keep(segment);
    return;
  }
  changed_ = true;
  segment_changed_ = false;
  for (std::size_t pieces = (pending_.rows() + max_shard_rows - 1) / max_shard_rows; pieces > 0; --pieces)
    queue((pending_.rows() + pieces - 1) / pieces);
}

void NewShards::queue(std::size_t rows) {
  Piece piece{entries_.size(), {}};
  StateRows rest;
  append_rows(pending_, 0, rows, id_.words(), piece.rows);
  append_rows(pending_, rows, pending_.rows(), id_.words(), rest);
  pending_ = std::move(rest);
  scenarios_ += rows;
  entries_.emplace_back();
  queued_.push_back(std::move(piece));
}

void NewShards::write_full(int threads) {
  if (transaction_)
    parallel_for(threads, queued_.size(), [&](std::uint64_t i) {
      entries_[queued_[i].place] = transaction_->write_shard(queued_[i].rows, id_);
    });
  queued_.clear();
}

std::vector<ShardEntry> NewShards::finish(int threads) {
  close_segment();
  write_full(threads);
  return std::move(entries_);
}

}  // namespace npo

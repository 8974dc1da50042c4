#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "host/learn_partitions.hpp"
#include "host/run_context.hpp"
#include "io/state_store.hpp"

/// The scenario shards of the state on both sides of a `learn`.
namespace npo {

/// Reads the shards of the state for partitions that follow one another; each shard is read once.
class OldShards {
 public:
  OldShards(const StateSnapshot& before, IdType id) : before_(before), id_(id) {}
  /// The state's rows of a partition. Thread-safe.
  StateRows rows_of(const LearnPartitions& partitions, std::size_t partition);
  /// Lets go of the shards before `segment`.
  void forget_before(std::uint32_t segment);

 private:
  std::shared_ptr<const StateRows> shard(std::uint32_t segment);
  const StateSnapshot& before_;
  IdType id_;
  std::mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<const StateRows>> loaded_;
};

/// Builds the shards of the next generation from the rows of consecutive partitions. A shard none of whose
/// rows changed is taken over as it is; the others are written anew, in shards of at most 262144 rows.
class NewShards {
 public:
  /// Without a transaction nothing is written.
  NewShards(const StateSnapshot& before, IdType id, StateTransaction* transaction)
      : before_(before), id_(id), transaction_(transaction) {}

  /// Adds the rows of the next partition.
  void append(std::uint32_t segment, const StateRows& rows, bool changed);
  /// Takes a shard over without having read it; the next after those appended.
  void keep(std::uint32_t segment);
  /// Writes what is full, on `threads` threads; memory is bounded if this is called often.
  void write_full(int threads);
  /// Writes the rest and returns all entries in order.
  std::vector<ShardEntry> finish(int threads);
  bool changed() const { return changed_; }
  std::uint64_t scenarios() const { return scenarios_; }

 private:
  struct Piece {
    std::size_t place;  ///< in entries_
    StateRows rows;
  };
  void close_segment();
  void queue(std::size_t rows);

  const StateSnapshot& before_;
  IdType id_;
  StateTransaction* transaction_;
  std::optional<std::uint32_t> segment_;
  StateRows pending_;
  bool segment_changed_ = false, changed_ = false;
  std::uint64_t scenarios_ = 0;
  std::vector<Piece> queued_;
  std::vector<ShardEntry> entries_;
};

}  // namespace npo

#pragma once
#include <cstdint>
#include <vector>

#include "host/id_join.hpp"
#include "host/learn_inputs.hpp"

/// Cutting the scenarios of a `learn` into ranges of ids, so that memory is bounded and ranges are worked on
/// in parallel.
namespace npo {

/// Partition p holds the ids in [splitters[p - 1], splitters[p]), the first and the last are open to their
/// sides, and lies within one segment: the ids of one shard of the state.
struct LearnPartitions {
  IdList splitters;
  std::vector<std::vector<std::uint64_t>>
      cuts;                            ///< [runs][partitions + 1] rows of run r in p: cuts[r][p] .. [p + 1]
  std::vector<std::uint32_t> segment;  ///< [partitions]
  std::size_t size() const { return segment.size(); }
};

/// Cuts so that a partition holds about `partition_rows` decisions over all named runs; the others are not
/// cut. `shard_starts` are the first ids of the state's shards; they are cuts too, except the first.
LearnPartitions cut_partitions(const LearnInputs& inputs, const IdList& shard_starts,
                               std::uint64_t partition_rows, int threads);

}  // namespace npo

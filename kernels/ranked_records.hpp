#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/large_array.hpp"
#include "kernels/ranked_metrics.hpp"

/// Rows in the form in which they are sorted: rank, label and weight in one word.
namespace npo {

/// A number that orders as the (finite) score does; -0 and 0 have one.
inline std::uint32_t order_key(float score) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(score + 0.0f);
  return bits ^ (bits >> 31 != 0 ? 0xffffffffu : 0x80000000u);
}
inline float score_of_key(std::uint32_t key) {
  return std::bit_cast<float>(key ^ (key >> 31 != 0 ? 0x80000000u : 0xffffffffu));
}

/// What all rows have in common. A row's rank is its order key less the least one.
struct RankedFacts {
  std::size_t segments = 1;
  std::uint32_t least_key = 0;
  std::uint32_t rank_span = 0;  ///< the largest rank
};

/// Checks all rows. Errors as in rank_segments.
RankedFacts check_ranked_rows(const RankedRows& rows, std::size_t segments, const ParallelFor& parallel);

/// Whether a row counts at all.
inline bool row_counts(const RankedRows& rows, std::size_t i) {
  return rows.label[i] <= 1 && (rows.weight.empty() || rows.weight[i] != 0);
}

/// Unweighted rows whose ranks fit 31 bits, as those of scores of one sign do.
struct NarrowRecord {
  std::uint32_t word;
  static constexpr int rank_shift = 1;
  static constexpr bool weighted = false;
  static NarrowRecord make(std::uint32_t rank, bool yes, std::uint32_t) {
    return {rank << 1 | (yes ? 1u : 0u)};
  }
  std::uint32_t rank() const { return word >> 1; }
  bool yes() const { return (word & 1u) != 0; }
  std::uint32_t weight() const { return 1; }
  /// Counters of a class and rank: [rank][no, yes].
  using Count = std::uint32_t;
};

/// Any rows.
struct WideRecord {
  std::uint64_t word;
  static constexpr int rank_shift = 32;
  static constexpr bool weighted = true;
  static WideRecord make(std::uint32_t rank, bool yes, std::uint32_t weight) {
    return {std::uint64_t{rank} << 32 | (yes ? 0x80000000u : 0u) | weight};
  }
  std::uint32_t rank() const { return static_cast<std::uint32_t>(word >> 32); }
  bool yes() const { return (word & 0x80000000u) != 0; }
  std::uint32_t weight() const { return static_cast<std::uint32_t>(word) & 0x7fffffffu; }
  using Count = std::uint64_t;
};

/// Rows of one segment and of neighbouring ranks; buckets of a segment follow each other by rising rank.
struct RankedBucket {
  std::uint32_t segment = 0;
  std::size_t begin = 0, end = 0;  ///< records
};

/// Records grouped into buckets.
template <class Record>
struct RankedBuckets {
  LargeArray<Record> records;
  std::vector<RankedBucket> buckets;
  std::vector<std::size_t> segment_begin;  ///< [segments + 1] into `buckets`
  std::span<Record> of(const RankedBucket& bucket) {
    return std::span(records.data() + bucket.begin, bucket.end - bucket.begin);
  }
};

/// Groups the rows by segment, and large segments further by rank into parts that the cache holds.
template <class Record>
RankedBuckets<Record> bucket_rows(const RankedRows& rows, const RankedFacts& facts,
                                  const ParallelFor& parallel);

/// The least and the largest rank of some records.
struct RankRange {
  std::uint32_t least = 0xffffffffu, largest = 0;
};
template <class Record>
RankRange range_of(std::span<const Record> records) {
  RankRange range;
  for (const Record& record : records) {
    range.least = std::min(range.least, record.rank());
    range.largest = std::max(range.largest, record.rank());
  }
  return range;
}

/// Sorts records of that range by rank (records of equal rank in any order).
template <class Record>
void sort_records(std::span<Record> records, RankRange range);

/// Whether narrow records hold these rows.
inline bool rows_are_narrow(const RankedRows& rows, const RankedFacts& facts) {
  return rows.weight.empty() && facts.rank_span < 0x80000000u;
}

}  // namespace npo

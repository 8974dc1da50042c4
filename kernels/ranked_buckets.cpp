#include <algorithm>
#include <bit>
#include <utility>

#include "kernels/ranked_records.hpp"

namespace npo {
namespace {

constexpr std::size_t most_parts = 16;        ///< stretches that are scattered side by side
constexpr std::size_t part_rows = 1u << 18;   ///< at least, in a stretch
constexpr std::size_t cache_rows = 1u << 17;  ///< a segment with more is split by rank
constexpr std::size_t most_buckets = 2048;  ///< of one segment: more open streams than that are slow to write
constexpr int cell_bits = 16;
/// Places of thousands of segments lie in the second-level cache, and stores that wait for it one by one are
/// slow: their lines are asked for this many rows before.
constexpr std::size_t rows_ahead = 16;
constexpr std::size_t cells = std::size_t{1} << cell_bits;  ///< of equal rank spans; buckets are runs of them

std::size_t parts_for(std::size_t rows, std::size_t targets) {
  const std::size_t by_rows = rows / part_rows, by_memory = rows / (4 * targets);
  return std::clamp<std::size_t>(std::min(by_rows, by_memory), 1, most_parts);
}

/// There are fewer than 2^32 rows; small counters of thousands of targets stay in the first-level cache.
using Place = std::uint32_t;

/// Moves items to places of their own by target, stably, stretch by stretch in parallel.
class Scatter {
 public:
  Scatter(std::size_t items, std::size_t targets)
      : items_(items), targets_(targets), parts_(parts_for(items, targets)), next_(parts_ * targets) {}

  /// each(counters of the stretch, begin, end): to count items as ++counters[target], and after
  /// `place_counted` to place them at counters[target]++.
  template <class Each>
  void run(const ParallelFor& parallel, const Each& each) {
    parallel(parts_, [&](std::size_t part) {
      each(next_.data() + part * targets_, items_ * part / parts_, items_ * (part + 1) / parts_);
    });
  }
  /// What was counted, over all stretches.
  std::vector<std::size_t> totals() const {
    std::vector<std::size_t> total(targets_);
    for (std::size_t i = 0; i < next_.size(); ++i) total[i % targets_] += next_[i];
    return total;
  }
  /// The same items and counts for `targets` targets that are made of the present ones.
  Scatter merged(std::span<const std::uint16_t> target_of, std::size_t targets) const {
    Scatter result(*this);
    result.targets_ = targets;
    result.next_.assign(parts_ * targets, 0);
    for (std::size_t part = 0; part < parts_; ++part)
      for (std::size_t i = 0; i < targets_; ++i)
        result.next_[part * targets + target_of[i]] += next_[part * targets_ + i];
    return result;
  }
  /// Turns counts into places; returns where each target's items begin, and at last where they end.
  std::vector<std::size_t> place_counted() {
    std::vector<std::size_t> starts(targets_ + 1);
    Place place = 0;
    for (std::size_t target = 0; target < targets_; ++target) {
      starts[target] = place;
      for (std::size_t part = 0; part < parts_; ++part)
        place += std::exchange(next_[part * targets_ + target], place);
    }
    starts[targets_] = place;
    return starts;
  }

 private:
  std::size_t items_, targets_, parts_;
  std::vector<Place> next_;
};

/// Rows as records.
template <class Record>
class RowRecords {
 public:
  RowRecords(const RankedRows& rows, std::uint32_t least_key) : rows_(rows), least_key_(least_key) {}
  std::size_t size() const { return rows_.score.size(); }
  bool counts(std::size_t i) const { return row_counts(rows_, i); }
  std::size_t segment(std::size_t i) const { return rows_.segment.empty() ? 0 : rows_.segment[i]; }
  std::uint32_t rank(std::size_t i) const { return order_key(rows_.score[i]) - least_key_; }
  Record operator[](std::size_t i) const {
    return Record::make(rank(i), rows_.label[i] == 1, rows_.weight.empty() ? 1u : rows_.weight[i]);
  }

 private:
  const RankedRows& rows_;
  std::uint32_t least_key_;
};

/// Records that were grouped before.
template <class Record>
class GroupedRecords {
 public:
  explicit GroupedRecords(std::span<const Record> records) : records_(records) {}
  std::size_t size() const { return records_.size(); }
  bool counts(std::size_t) const { return true; }
  std::uint32_t rank(std::size_t i) const { return records_[i].rank(); }
  Record operator[](std::size_t i) const { return records_[i]; }

 private:
  std::span<const Record> records_;
};

/// Records grouped by segment; the bounds of segments are in `starts`.
template <class Record>
LargeArray<Record> group_by_segment(const RowRecords<Record>& rows, std::size_t segments,
                                    const ParallelFor& parallel, std::vector<std::size_t>& starts) {
  Scatter scatter(rows.size(), segments);
  scatter.run(parallel, [&](Place* counters, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) counters[rows.segment(i)] += rows.counts(i) ? 1u : 0u;
  });
  starts = scatter.place_counted();
  LargeArray<Record> records(starts.back());
  scatter.run(parallel, [&](Place* counters, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t soon = std::min(i + rows_ahead, end - 1);
      __builtin_prefetch(records.data() + counters[rows.segment(soon)], 1);
      if (rows.counts(i)) records[counters[rows.segment(i)]++] = rows[i];
    }
  });
  return records;
}

/// Which bucket each cell of ranks belongs to: neighbours share one until it is full.
std::vector<std::uint16_t> assign_cells(const std::vector<std::size_t>& cell_rows, std::size_t rows,
                                        std::size_t& buckets) {
  const std::size_t full = std::max(rows / (most_buckets / 2), cache_rows / 8);
  std::vector<std::uint16_t> bucket_of(cell_rows.size());
  std::size_t held = 0, bucket = 0;
  for (std::size_t cell = 0; cell < cell_rows.size(); ++cell) {
    if (held > 0 && held + cell_rows[cell] > full) {
      ++bucket;
      held = 0;
    }
    bucket_of[cell] = static_cast<std::uint16_t>(bucket);
    held += cell_rows[cell];
  }
  buckets = bucket + 1;
  return bucket_of;
}

/// Splits records by rank into `to`; returns where the buckets begin, and at last where they end.
template <class Source, class Record>
std::vector<std::size_t> split_by_rank(const Source& from, Record* to, std::uint32_t rank_span,
                                       const ParallelFor& parallel) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(rank_span)) - cell_bits);
  Scatter by_cell(from.size(), cells);
  by_cell.run(parallel, [&](Place* counters, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) counters[from.rank(i) >> shift] += from.counts(i) ? 1u : 0u;
  });
  std::size_t targets = 0;
  const std::vector<std::uint16_t> bucket_of = assign_cells(by_cell.totals(), from.size(), targets);
  Scatter scatter = by_cell.merged(bucket_of, targets);
  const std::vector<std::size_t> starts = scatter.place_counted();
  scatter.run(parallel, [&](Place* counters, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      if (from.counts(i)) to[counters[bucket_of[from.rank(i) >> shift]]++] = from[i];
  });
  return starts;
}

/// Appends the buckets between `starts`, which count from `begin`.
void add_buckets(std::uint32_t segment, std::size_t begin, std::span<const std::size_t> starts,
                 std::vector<RankedBucket>& buckets) {
  for (std::size_t b = 0; b + 1 < starts.size(); ++b)
    buckets.push_back({segment, begin + starts[b], begin + starts[b + 1]});
}

}  // namespace

template <class Record>
RankedBuckets<Record> bucket_rows(const RankedRows& rows, const RankedFacts& facts,
                                  const ParallelFor& parallel) {
  const RowRecords<Record> row_records(rows, facts.least_key);
  RankedBuckets<Record> result;
  if (facts.segments == 1 && rows.score.size() > cache_rows) {
    result.records = LargeArray<Record>(rows.score.size());
    add_buckets(0, 0, split_by_rank(row_records, result.records.data(), facts.rank_span, parallel),
                result.buckets);
    result.segment_begin = {0, result.buckets.size()};
    return result;
  }
  std::vector<std::size_t> starts;
  result.records = group_by_segment(row_records, facts.segments, parallel, starts);
  for (std::size_t g = 0; g < facts.segments; ++g) {
    result.segment_begin.push_back(result.buckets.size());
    const std::size_t count = starts[g + 1] - starts[g];
    const auto segment = static_cast<std::uint32_t>(g);
    if (count <= cache_rows) {
      result.buckets.push_back({segment, starts[g], starts[g + 1]});
      continue;
    }
    Record* records = result.records.data() + starts[g];
    LargeArray<Record> split(count);
    const GroupedRecords<Record> grouped(std::span<const Record>(records, count));
    add_buckets(segment, starts[g], split_by_rank(grouped, split.data(), facts.rank_span, parallel),
                result.buckets);
    std::copy(split.data(), split.data() + count, records);
  }
  result.segment_begin.push_back(result.buckets.size());
  return result;
}

template RankedBuckets<NarrowRecord> bucket_rows(const RankedRows&, const RankedFacts&, const ParallelFor&);
template RankedBuckets<WideRecord> bucket_rows(const RankedRows&, const RankedFacts&, const ParallelFor&);

}  // namespace npo

#include "kernels/ranked_metrics.hpp"

#include "kernels/ranked_walk.hpp"

namespace npo {
namespace {

__extension__ using Wide = unsigned __int128;

/// What a bucket holds; whatever lies above it in its segment comes in later.
struct BucketTotals {
  std::uint64_t weight[2] = {};  ///< no, yes
  std::uint64_t rows[2] = {};
  void add(const BucketTotals& other) {
    for (int c = 0; c < 2; ++c) weight[c] += other.weight[c], rows[c] += other.rows[c];
  }
};

template <class Record>
BucketTotals total_of(std::span<const Record> records) {
  std::uint64_t all = 0, positive = 0, positive_rows = 0;
  for (const Record& record : records) {
    all += record.weight();
    positive += record.yes() ? record.weight() : 0u;
    positive_rows += record.yes() ? 1u : 0u;
  }
  return {{all - positive, positive}, {records.size() - positive_rows, positive_rows}};
}

/// Integer sums that both metrics follow from, over any part of a segment.
struct RankedSums {
  Wide pairs = 0;      ///< twice the weight of pairs with the positive above, once that of ties
  Wide precision = 0;  ///< positive weight times precision in units of 2^-50
  void add(const RankedSums& other) {
    pairs += other.pairs;
    precision += other.precision;
  }
};

/// Sums over rows that come from the highest score down. No branch on labels, which cannot be predicted.
class RankedSweep {
 public:
  /// The weights above the rows.
  RankedSweep(std::uint64_t positive, std::uint64_t negative)
      : positive_(positive), flagged_(positive + negative) {}

  void add(const RankedTies& ties) {
    sums_.pairs += Wide{ties.negative} * (2 * positive_ + ties.positive);
    positive_ += ties.positive;
    flagged_ += ties.positive + ties.negative;
    sums_.precision += Wide{ties.positive} * precision();
  }
  /// A row of weight 1 without ties.
  void add_one(bool yes) {
    const std::uint64_t one = yes ? 1u : 0u;
    pairs_ += (one - 1) & 2 * positive_;
    positive_ += one;
    ++flagged_;
    precision_ += (0 - one) & precision();
    if (++pending_ == most_pending) carry();
  }
  RankedSums finish() {
    carry();
    return sums_;
  }

 private:
  static constexpr std::uint32_t most_pending =
      1u << 12;  ///< so many precisions, each at most 2^50, fit 64 bits

  /// Sums of 128 bits at every row would be kept in memory, and wait for it.
  void carry() {
    sums_.pairs += pairs_;
    sums_.precision += precision_;
    pairs_ = precision_ = 0;
    pending_ = 0;
  }
  /// In units of 2^-50. Conversions from and to signed integers are single instructions.
  std::uint64_t precision() const {
    const auto caught = static_cast<double>(static_cast<std::int64_t>(positive_));
    const auto flagged = static_cast<double>(static_cast<std::int64_t>(flagged_));
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(caught / flagged * 0x1p50 + 0.5));
  }

  RankedSums sums_;
  std::uint64_t positive_, flagged_;
  std::uint64_t pairs_ = 0, precision_ = 0;  ///< of rows without ties, not yet carried into the sums
  std::uint32_t pending_ = 0;
};

/// `positive` and `negative` are the weights above the bucket.
template <class Record>
RankedSums sums_of(std::span<Record> records, std::uint64_t positive, std::uint64_t negative) {
  RankedSweep sweep(positive, negative);
  const auto add = [&](const RankedTies& ties) { sweep.add(ties); };
  if constexpr (Record::weighted)
    walk_ties(records, add);
  else
    walk_ties(records, add, [&](const Record& record) { sweep.add_one(record.yes()); });
  return sweep.finish();
}

RankedSummary summary_of(const BucketTotals& total, const RankedSums& sums) {
  RankedSummary summary{total.weight[1], total.weight[0], total.rows[1], total.rows[0], {}, {}};
  const auto positives = static_cast<double>(total.weight[1]);
  if (total.weight[1] != 0 && total.weight[0] != 0)
    summary.auroc =
        static_cast<double>(sums.pairs) / static_cast<double>(Wide{2} * total.weight[1] * total.weight[0]);
  if (total.weight[1] != 0)
    summary.average_precision = static_cast<double>(sums.precision) * 0x1p-50 / positives;
  return summary;
}

/// Buckets by tasks of some size, because most segments are small.
std::vector<std::size_t> cut_tasks(const std::vector<RankedBucket>& buckets) {
  constexpr std::size_t task_rows = 1u << 16;
  std::vector<std::size_t> starts{0};
  for (std::size_t b = 1; b < buckets.size(); ++b)
    if (buckets[b].end - buckets[starts.back()].begin > task_rows) starts.push_back(b);
  starts.push_back(buckets.size());
  return starts;
}

template <class Record>
std::vector<RankedSummary> rank_records(const RankedRows& rows, const RankedFacts& facts,
                                        const ParallelFor& parallel) {
  RankedBuckets<Record> table = bucket_rows<Record>(rows, facts, parallel);
  const std::size_t segments = facts.segments, count = table.buckets.size();
  const std::vector<std::size_t> tasks = cut_tasks(table.buckets);
  const auto for_buckets = [&](const auto& work) {
    parallel(tasks.size() - 1, [&](std::size_t task) {
      for (std::size_t b = tasks[task]; b < tasks[task + 1]; ++b) work(b);
    });
  };
  std::vector<BucketTotals> totals(count), above(count);
  for_buckets(
      [&](std::size_t b) { totals[b] = total_of(std::span<const Record>(table.of(table.buckets[b]))); });
  std::vector<BucketTotals> whole(segments);
  for (std::size_t b = count; b-- > 0;) {
    BucketTotals& sum = whole[table.buckets[b].segment];
    above[b] = sum;
    sum.add(totals[b]);
  }
  std::vector<RankedSums> sums(count);
  for_buckets([&](std::size_t b) {
    sums[b] = sums_of(table.of(table.buckets[b]), above[b].weight[1], above[b].weight[0]);
  });
  std::vector<RankedSummary> summaries;
  for (std::size_t g = 0; g < segments; ++g) {
    RankedSums sum;
    for (std::size_t b = table.segment_begin[g]; b < table.segment_begin[g + 1]; ++b) sum.add(sums[b]);
    summaries.push_back(summary_of(whole[g], sum));
  }
  return summaries;
}

}  // namespace

std::vector<RankedSummary> rank_segments(const RankedRows& rows, std::size_t segments,
                                         const ParallelFor& parallel) {
  const RankedFacts facts = check_ranked_rows(rows, segments, parallel);
  return rows_are_narrow(rows, facts) ? rank_records<NarrowRecord>(rows, facts, parallel)
                                      : rank_records<WideRecord>(rows, facts, parallel);
}

}  // namespace npo

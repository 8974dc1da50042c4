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

/// `positive` and `negative` are the weights above the bucket.
template <class Record>
RankedSums sums_of(std::span<Record> records, std::uint64_t positive, std::uint64_t negative) {
  RankedSums sums;
  walk_ties(records, [&](const RankedTies& ties) {
    sums.pairs += Wide{ties.negative} * (2 * positive + ties.positive);
    positive += ties.positive;
    negative += ties.negative;
    // Without a branch on whether there is a positive, as labels cannot be predicted; conversions from and to
    // signed integers are single instructions.
    const auto caught = static_cast<double>(static_cast<std::int64_t>(positive));
    const auto flagged = static_cast<double>(static_cast<std::int64_t>(positive + negative));
    const auto units = static_cast<std::int64_t>(caught / flagged * 0x1p50 + 0.5);
    sums.precision += Wide{ties.positive} * static_cast<std::uint64_t>(units);
  });
  return sums;
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

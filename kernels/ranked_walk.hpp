#pragma once
#include <vector>

#include "kernels/ranked_records.hpp"

namespace npo {

/// Rows of one score.
struct RankedTies {
  std::uint32_t rank = 0;
  std::uint64_t positive = 0, negative = 0;  ///< summed weights
};

/// Calls visit(RankedTies) for every distinct rank of a bucket, from the highest down; or visit_one(record)
/// for a record that has its rank for itself, where they are sorted. Sorts the records, or counts them where
/// their ranks are dense.
template <class Record, class Visit, class VisitOne>
void walk_ties(std::span<Record> records, const Visit& visit, const VisitOne& visit_one) {
  if (records.empty()) return;
  const RankRange range = range_of(std::span<const Record>(records));
  const std::size_t ranks = std::size_t{range.largest - range.least} + 1;
  constexpr std::size_t most_dense = std::size_t{1}
                                     << 15;  // at most 512 KiB of counters: in the second-level cache
  if (ranks <= most_dense && ranks <= 2 * records.size()) {
    std::vector<typename Record::Count> sums(2 * ranks);
    for (const Record& record : records)
      sums[2 * std::size_t{record.rank() - range.least} + (record.yes() ? 1 : 0)] += record.weight();
    for (std::size_t i = ranks; i-- > 0;)
      if ((sums[2 * i] | sums[2 * i + 1]) != 0)
        visit(RankedTies{range.least + static_cast<std::uint32_t>(i), sums[2 * i + 1], sums[2 * i]});
    return;
  }
  sort_records(records, range);
  for (std::size_t i = records.size(); i > 0;) {
    RankedTies ties{records[i - 1].rank()};
    if (i == 1 || records[i - 2].rank() != ties.rank) {
      visit_one(records[--i]);
      continue;
    }
    for (; i > 0 && records[i - 1].rank() == ties.rank; --i) {
      const std::uint64_t weight = records[i - 1].weight(), yes = records[i - 1].yes() ? 1u : 0u;
      ties.positive += weight * yes;  // no branch: labels cannot be predicted
      ties.negative += weight * (1 - yes);
    }
    visit(ties);
  }
}

/// Calls visit(RankedTies) for every distinct rank.
template <class Record, class Visit>
void walk_ties(std::span<Record> records, const Visit& visit) {
  walk_ties(records, visit, [&](const Record& record) {
    const std::uint64_t weight = record.weight(), yes = record.yes() ? 1u : 0u;
    visit(RankedTies{record.rank(), weight * yes, weight * (1 - yes)});
  });
}

}  // namespace npo

#pragma once
#include <algorithm>
#include <vector>

#include "kernels/ranked_records.hpp"

namespace npo {

/// Rows of one score.
struct RankedTies {
  std::uint32_t rank = 0;
  std::uint64_t positive = 0, negative = 0;  ///< summed weights
};

/// Calls visit(RankedTies) for every distinct rank of a bucket, from the highest down. Sorts the records, or
/// counts them where their ranks are dense.
template <class Record, class Visit>
void walk_ties(std::span<Record> records, const Visit& visit) {
  if (records.empty()) return;
  std::uint32_t least = 0xffffffffu, largest = 0;
  for (const Record& record : records) {
    least = std::min(least, record.rank());
    largest = std::max(largest, record.rank());
  }
  const std::size_t ranks = std::size_t{largest - least} + 1;
  constexpr std::size_t most_dense = std::size_t{1}
                                     << 15;  // at most 512 KiB of counters: in the second-level cache
  if (ranks <= most_dense && ranks <= 2 * records.size()) {
    std::vector<typename Record::Count> sums(2 * ranks);
    for (const Record& record : records)
      sums[2 * std::size_t{record.rank() - least} + (record.yes() ? 1 : 0)] += record.weight();
    for (std::size_t i = ranks; i-- > 0;)
      if ((sums[2 * i] | sums[2 * i + 1]) != 0)
        visit(RankedTies{least + static_cast<std::uint32_t>(i), sums[2 * i + 1], sums[2 * i]});
    return;
  }
  sort_records(records);
  for (std::size_t i = records.size(); i > 0;) {
    RankedTies ties{records[i - 1].rank()};
    for (; i > 0 && records[i - 1].rank() == ties.rank; --i)
      (records[i - 1].yes() ? ties.positive : ties.negative) += records[i - 1].weight();
    visit(ties);
  }
}

}  // namespace npo

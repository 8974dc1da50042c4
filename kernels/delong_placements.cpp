#include "kernels/delong_placements.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/ranked_records.hpp"

namespace npo {
namespace {

__extension__ using Wide = unsigned __int128;

/// The rows' places in the segment by rising score.
std::vector<WideRecord> sort_by_score(std::span<const float> score, const ClusteredRows& segment) {
  std::vector<WideRecord> sorted(segment.row.size());
  for (std::uint32_t i = 0; i < sorted.size(); ++i)
    sorted[i].word = std::uint64_t{order_key(score[segment.row[i]])} << 32 | i;
  sort_records(std::span(sorted), range_of(std::span<const WideRecord>(sorted)));
  return sorted;
}

/// Rows [begin, end) of one score in sorted order, and what lies below.
struct Ties {
  std::size_t begin = 0, end = 0;
  std::uint64_t positive = 0, negative = 0;              ///< of the ties
  std::uint64_t positive_below = 0, negative_below = 0;  ///< summed weights
};

template <class Visit>
void walk_upwards(const RankedRows& rows, const ClusteredRows& segment, std::span<const WideRecord> sorted,
                  const Visit& visit) {
  Ties ties;
  for (; ties.begin < sorted.size(); ties.begin = ties.end) {
    ties.positive = ties.negative = 0;
    for (ties.end = ties.begin;
         ties.end < sorted.size() && sorted[ties.end].rank() == sorted[ties.begin].rank(); ++ties.end) {
      const std::uint32_t row = segment.row[static_cast<std::uint32_t>(sorted[ties.end].word)];
      const std::uint64_t weight = rows.weight.empty() ? 1u : rows.weight[row];
      (rows.label[row] == 1 ? ties.positive : ties.negative) += weight;
    }
    visit(ties);
    ties.positive_below += ties.positive;
    ties.negative_below += ties.negative;
  }
}

}  // namespace

ClusteredRows number_clusters(std::vector<std::uint32_t> rows, std::span<const std::uint64_t> key) {
  ClusteredRows result;
  result.row = std::move(rows);
  result.cluster.resize(result.row.size());
  if (key.empty()) {
    std::iota(result.cluster.begin(), result.cluster.end(), 0u);
    result.clusters = static_cast<std::uint32_t>(result.row.size());
    return result;
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(result.row.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {key[result.row[i]], i};
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || order[i].first != order[i - 1].first) ++result.clusters;
    result.cluster[order[i].second] = result.clusters - 1;
  }
  return result;
}

PlacementSums sum_placements(const RankedRows& rows, std::span<const float> score,
                             const ClusteredRows& segment) {
  const std::vector<WideRecord> sorted = sort_by_score(score, segment);
  Wide pairs = 0;
  std::uint64_t positives = 0, negatives = 0;
  walk_upwards(rows, segment, sorted, [&](const Ties& ties) {
    pairs += Wide{ties.positive} * (Wide{2} * ties.negative_below + ties.negative);
    positives += ties.positive;
    negatives += ties.negative;
  });
  PlacementSums sums;
  sums.positives = static_cast<double>(positives);
  sums.negatives = static_cast<double>(negatives);
  sums.auroc = static_cast<double>(pairs) / static_cast<double>(Wide{2} * positives * negatives);
  sums.d10.resize(segment.clusters);
  sums.d01.resize(segment.clusters);
  sums.classes.resize(segment.clusters);
  walk_upwards(rows, segment, sorted, [&](const Ties& ties) {
    const Wide below = Wide{2} * ties.negative_below + ties.negative;
    const Wide above = Wide{2} * (positives - ties.positive_below) - ties.positive;
    const double v10 = static_cast<double>(below) / (2.0 * sums.negatives) - sums.auroc;
    const double v01 = static_cast<double>(above) / (2.0 * sums.positives) - sums.auroc;
    for (std::size_t i = ties.begin; i < ties.end; ++i) {
      const auto place = static_cast<std::uint32_t>(sorted[i].word);
      const std::uint32_t row = segment.row[place], cluster = segment.cluster[place];
      const bool yes = rows.label[row] == 1;
      const double weight = rows.weight.empty() ? 1.0 : rows.weight[row];
      (yes ? sums.d10 : sums.d01)[cluster] += weight * (yes ? v10 : v01);
      sums.classes[cluster] = static_cast<std::uint8_t>(sums.classes[cluster] | (yes ? 2 : 1));
    }
  });
  return sums;
}

}  // namespace npo

#include "kernels/delong.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/delong_placements.hpp"
#include "kernels/error.hpp"
#include "kernels/ranked_records.hpp"

namespace npo {
namespace {

/// Rows of known label and positive weight, by segment.
std::vector<std::vector<std::uint32_t>> rows_by_segment(const RankedRows& rows, const RankedFacts& facts) {
  std::vector<std::vector<std::uint32_t>> by_segment(facts.segments);
  for (std::uint32_t i = 0; i < rows.score.size(); ++i)
    if (row_counts(rows, i)) by_segment[rows.segment.empty() ? 0 : rows.segment[i]].push_back(i);
  return by_segment;
}

bool has_both_classes(const RankedRows& rows, const std::vector<std::uint32_t>& segment) {
  const auto is_yes = [&](std::uint32_t row) { return rows.label[row] == 1; };
  return std::ranges::any_of(segment, is_yes) && !std::ranges::all_of(segment, is_yes);
}

/// n / (n - 1)
double without_one(std::uint64_t n) {
  return static_cast<double>(n) / static_cast<double>(n - 1);
}

/// The variance from D10 and D01 of `first`, less those of `second` where there is one.
DeLong variance_of(const PlacementSums& first, const PlacementSums* second) {
  DeLong result;
  result.auroc = first.auroc;
  double s10 = 0.0, s01 = 0.0, s11 = 0.0;
  for (std::size_t c = 0; c < first.d10.size(); ++c) {
    const double d10 = first.d10[c] - (second ? second->d10[c] : 0.0);
    const double d01 = first.d01[c] - (second ? second->d01[c] : 0.0);
    s10 += d10 * d10;
    s01 += d01 * d01;
    s11 += d10 * d01;
    ++result.clusters;
    result.positive_clusters += first.classes[c] >> 1;
    result.negative_clusters += first.classes[c] & 1u;
  }
  if (result.positive_clusters < 2 || result.negative_clusters < 2) return result;
  const double p = first.positives, n = first.negatives;
  const double variance = without_one(result.positive_clusters) * s10 / (p * p) +
                          without_one(result.negative_clusters) * s01 / (n * n) +
                          2.0 * without_one(result.clusters) * s11 / (p * n);
  result.variance = std::max(0.0, variance);
  return result;
}

void check_clusters(const RankedRows& rows, std::span<const std::uint64_t> cluster) {
  if (!cluster.empty() && cluster.size() != rows.score.size())
    throw Error(ErrorKind::internal, "the clusters of rows to rank differ from them in number");
}

/// each(rows of the segment with their clusters, segment) for all segments that have both classes.
template <class Each>
void for_segments(const RankedRows& rows, const RankedFacts& facts, std::span<const std::uint64_t> cluster,
                  const ParallelFor& parallel, const Each& each) {
  std::vector<std::vector<std::uint32_t>> by_segment = rows_by_segment(rows, facts);
  parallel(by_segment.size(), [&](std::size_t g) {
    if (has_both_classes(rows, by_segment[g])) each(number_clusters(std::move(by_segment[g]), cluster), g);
  });
}

}  // namespace

std::vector<std::optional<DeLong>> delong_segments(const RankedRows& rows,
                                                   std::span<const std::uint64_t> cluster,
                                                   std::size_t segments, const ParallelFor& parallel) {
  check_clusters(rows, cluster);
  const RankedFacts facts = check_ranked_rows(rows, segments, parallel);
  std::vector<std::optional<DeLong>> result(segments);
  for_segments(rows, facts, cluster, parallel, [&](const ClusteredRows& segment, std::size_t g) {
    result[g] = variance_of(sum_placements(rows, rows.score, segment), nullptr);
  });
  return result;
}

std::vector<std::optional<PairedDeLong>> paired_delong_segments(const RankedRows& rows,
                                                                std::span<const float> other_score,
                                                                std::span<const std::uint64_t> cluster,
                                                                std::size_t segments,
                                                                const ParallelFor& parallel) {
  check_clusters(rows, cluster);
  RankedRows other = rows;
  other.score = other_score;
  check_ranked_rows(other, segments, parallel);
  const RankedFacts facts = check_ranked_rows(rows, segments, parallel);
  std::vector<std::optional<PairedDeLong>> result(segments);
  for_segments(rows, facts, cluster, parallel, [&](const ClusteredRows& segment, std::size_t g) {
    const PlacementSums first = sum_placements(rows, rows.score, segment);
    const PlacementSums second = sum_placements(rows, other_score, segment);
    result[g] = PairedDeLong{variance_of(first, nullptr), variance_of(second, nullptr),
                             first.auroc - second.auroc, variance_of(first, &second).variance};
  });
  return result;
}

}  // namespace npo

#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/parallel_for.hpp"
#include "kernels/ranked_metrics.hpp"

/// Variance of AUROC from placements (DeLong, DeLong and Clarke-Pearson 1988), by Sun and Xu's sorting
/// (2014), with rows grouped in clusters (Obuchowski 1997), for many segments at once and for the difference
/// of two scores of the same rows.
///
/// With theta the AUROC, W+ and W- the summed weights of the classes, V10 of a positive the weight share of
/// negatives below it (ties half), V01 of a negative the share of positives above it, and for cluster c
///   D10_c = sum over its positives of w (V10 - theta),  D01_c = sum over its negatives of w (V01 - theta):
///   var = I10/(I10-1) sum D10_c^2 / W+^2 + I01/(I01-1) sum D01_c^2 / W-^2 + 2 I/(I-1) sum D10_c D01_c / (W+
///   W-)
/// with I10, I01, I the numbers of clusters that hold a positive, a negative, a row. Without clusters and
/// weights this is DeLong's variance.
namespace npo {

struct DeLong {
  double auroc = 0.0;
  /// Nothing when a class lies in a single cluster. May be 0: all placements equal.
  std::optional<double> variance;
  std::uint64_t clusters = 0, positive_clusters = 0, negative_clusters = 0;
};

/// For each segment; nothing when one of its classes is empty. `cluster` [rows]: equal keys are one cluster,
/// within a segment; empty: every row is its own. Errors as in rank_segments.
std::vector<std::optional<DeLong>> delong_segments(const RankedRows& rows,
                                                   std::span<const std::uint64_t> cluster,
                                                   std::size_t segments = 1,
                                                   const ParallelFor& parallel = serial_for);

/// Two scores of the same rows.
struct PairedDeLong {
  DeLong first, second;
  double difference = 0.0;         ///< first minus second
  std::optional<double> variance;  ///< of the difference, from the differences of D10 and D01
};

/// As above; `rows.score` is the first, `other_score` the second score.
std::vector<std::optional<PairedDeLong>> paired_delong_segments(const RankedRows& rows,
                                                                std::span<const float> other_score,
                                                                std::span<const std::uint64_t> cluster,
                                                                std::size_t segments = 1,
                                                                const ParallelFor& parallel = serial_for);

}  // namespace npo

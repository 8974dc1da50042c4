#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/parallel_for.hpp"
#include "kernels/ranked_curve.hpp"

/// Exact ranking metrics of many segments at once: one partition by (segment, score), then the parts by
/// themselves in the cache. Ties and weights are handled; all counts are integers, so the bits do not depend
/// on threads or on the order of the rows.
namespace npo {

/// Rows to rank, columns of equal length. Scores may be any real numbers (-0 equals 0).
struct RankedRows {
  std::span<const float> score;
  std::span<const std::uint8_t> label;  ///< Label; rows of unknown label are left out
  std::span<const std::uint32_t>
      weight;  ///< at most 2^30, in a unit of the caller's (integer_weights); empty: all 1
  std::span<const std::uint32_t> segment;  ///< below the number of segments; empty: all in segment 0
};

/// Ranking metrics of one segment. Rows of weight 0 count nowhere.
struct RankedSummary {
  std::uint64_t positives = 0, negatives = 0;  ///< summed weights
  std::uint64_t positive_rows = 0, negative_rows = 0;
  /// P(positive above negative) + P(tied) / 2, rounded from exact integers; nothing when a class is
  /// empty.
  std::optional<double> auroc;
  /// Sum over distinct thresholds of precision times the gain in recall (scikit-learn's
  /// average_precision_score); nothing without positives.
  std::optional<double> average_precision;
};

/// Summaries of all segments. Fewer than 2^32 rows. Error(bad_data) names the first row (its index) with a
/// score that is not finite, a label that is none, a weight or a segment out of range. Needs 8 bytes a row
/// (16 with weights or scores of both signs) beside the rows.
std::vector<RankedSummary> rank_segments(const RankedRows& rows, std::size_t segments = 1,
                                         const ParallelFor& parallel = serial_for);

/// The curve of rows of one segment (rows.segment is ignored) by falling threshold, at every distinct score,
/// the last point having all rows. With max_points > 0 points are dropped between which neither rate moves by
/// more than 2 / max_points; first and last stay, what stays is exact,
/// and at most 2 max_points + 2 stay.
std::vector<CurvePoint> ranked_curve(const RankedRows& rows, std::size_t max_points = 0);

/// Real weights as integers: weight[i] = round(w_i / unit), `unit` the least power of two that brings the
/// largest to less than 2^30 (so weights that are small integers stay exact, with unit 1 or less).
struct IntegerWeights {
  std::vector<std::uint32_t> weight;
  double unit = 1.0;
};
/// Error(bad_data) names the first row, counted from first_row, whose weight is negative or not finite, or
/// says that all are zero.
IntegerWeights integer_weights(std::span<const float> weights, std::uint64_t first_row = 0);

}  // namespace npo

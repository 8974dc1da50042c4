#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/ranked_curve.hpp"
#include "kernels/vocabulary.hpp"

/// Ranking metrics of more scores than fit in memory: a histogram by class, streamed, from which AUROC and
/// average precision follow to within a bound that is computed from the histogram itself.
namespace npo {

/// Linear bins over [low, high]. The bin never falls as the score rises, so rows of different bins are ranked
/// exactly and only the order within a bin is lost.
struct HistogramPlan {
  int bits = 16;  ///< 2^bits bins, 1 to 24; memory is 16 bytes a bin and segment
  float low = 0.0f, high = 1.0f;
  std::size_t segments = 1;
  bool operator==(const HistogramPlan&) const = default;
};

/// A metric and what it is certain to lie in, whatever the order within bins.
struct BoundedMetric {
  double value, low, high;
};

class ScoreHistogram {
 public:
  explicit ScoreHistogram(const HistogramPlan& plan);

  /// Adds rows: scores within [low, high], labels of type Label (unknown ones are counted apart), `segment`
  /// below the plan's (empty: all in segment 0). Error(bad_data) names the first offending row, counted from
  /// first_row.
  void add(std::span<const float> scores, std::span<const std::uint8_t> labels,
           std::span<const std::uint32_t> segment = {}, std::uint64_t first_row = 0);
  /// Adds rows to segment 0 on a CUDA device, with the same counts. Error(device) when it cannot be used.
  void add_on_device(std::span<const float> scores, std::span<const std::uint8_t> labels, int device,
                     std::uint64_t first_row = 0);
  /// Adds the counts of other rows under the same plan; Error(internal) when the plans differ.
  void merge(const ScoreHistogram& part);

  const HistogramPlan& plan() const { return plan_; }
  std::size_t bins() const { return std::size_t{1} << plan_.bits; }
  std::uint64_t count(std::size_t segment, std::size_t bin, Label label) const {
    return counts_[((segment << plan_.bits) + bin) * 2 + (label == Label::yes ? 1 : 0)];
  }
  std::uint64_t unknown() const { return unknown_; }
  std::uint64_t positives(std::size_t segment) const;
  std::uint64_t negatives(std::size_t segment) const;
  /// The least score of a bin.
  float lower_edge(std::size_t bin) const;

  /// Rows that share a bin count one half: value = exact +- sum over bins of pos neg / (2 P N). Nothing when
  /// a class is empty.
  std::optional<BoundedMetric> auroc(std::size_t segment = 0) const;
  /// Rows of a bin taken as tied; the bounds hold for every order and every ties within bins. Nothing without
  /// positives.
  std::optional<BoundedMetric> average_precision(std::size_t segment = 0) const;
  /// One point a bin that holds rows, by falling threshold (the bin's lower edge).
  std::vector<CurvePoint> curve(std::size_t segment = 0) const;
  /// All segments in one.
  ScoreHistogram overall() const;

  bool operator==(const ScoreHistogram&) const = default;

 private:
  void add_to_one(std::span<const float> scores, std::span<const std::uint8_t> labels,
                  std::uint64_t first_row);

  HistogramPlan plan_;
  std::vector<std::uint64_t> counts_;  ///< [segments][bins][label no, yes]
  std::uint64_t unknown_ = 0;
};

}  // namespace npo

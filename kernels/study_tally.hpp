#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/fixed_sum.hpp"
#include "kernels/study_block.hpp"
#include "kernels/study_metrics.hpp"

/// Statistics of one point over replicates, for each checkpoint and metric. Everything is an integer until it
/// is read: replicates may be added in any blocks and parts merged in any order, to the same words.
namespace npo {

inline constexpr std::array<double, 5> study_quantiles = {0.05, 0.25, 0.50, 0.75, 0.95};

/// One metric at one checkpoint over replicates.
struct StudySummary {
  std::uint64_t count = 0;           ///< replicates in which it is defined
  double mean = 0;                   ///< ratio of totals, or the mean where the metric is a column alone
  double standard_error = 0;         ///< of `mean` (of a ratio by the delta method); NaN below two replicates
  double variance = 0;               ///< over replicates, unbiased; NaN below two replicates
  std::array<double, 5> quantile{};  ///< 5, 25, 50, 75, 95 %, to the resolution of the metric's bins
};

/// The difference of a metric to the baseline point's in the same replicate, where both are defined.
struct StudyContrast {
  std::uint64_t count = 0;
  double mean = 0, standard_error = 0, variance = 0;  ///< the last two NaN below two replicates
};

class StudyTally {
 public:
  /// 64-bit words of one cell in a file, in this order: count, total of the denominator, then (low, high) of
  /// the sums of value, value^2, numerator, numerator^2, numerator x denominator, denominator^2; then count
  /// of the contrast and (low, high) of the sums of difference and difference^2. Units of the sums: 2^-40, of
  /// numbers scaled by 2^-max(0, ceil(log2(checkpoint)) - 4); values and differences only where the metric
  /// grows.
  static constexpr std::size_t cell_words = 19;

  /// `checkpoints` ascending episode numbers.
  StudyTally(std::vector<StudyMetric> metrics, std::vector<std::uint32_t> checkpoints);

  /// Adds the replicates of a block. Error(bad_data) for a value that is not finite or out of its range; the
  /// tally is then spoilt.
  void add(const StudyBlock& block);
  /// The same, and the differences to `baseline`, the block of the baseline point for the same replicates.
  void add(const StudyBlock& block, const StudyBlock& baseline);
  /// Adds another part of the same point. Error(internal) when metrics or checkpoints differ.
  void merge(const StudyTally& part);

  std::span<const StudyMetric> metrics() const { return metrics_; }
  std::span<const std::uint32_t> checkpoints() const { return checkpoints_; }
  /// Replicates added, at most 2^32 - 1.
  std::uint64_t replicates() const { return replicates_; }

  StudySummary summary(std::size_t checkpoint, std::size_t metric) const;
  StudyContrast contrast(std::size_t checkpoint, std::size_t metric) const;

  /// For files: [checkpoint][metric][cell_words] and [checkpoint][metric][study_bins].
  std::vector<std::int64_t> words() const;
  std::span<const std::uint32_t> bins() const { return bins_; }
  /// Puts back what `words` and `bins` gave. Error(bad_data) when they do not fit together.
  void restore(std::uint64_t replicates, std::span<const std::int64_t> words,
               std::span<const std::uint32_t> bins);

  friend bool operator==(const StudyTally& a, const StudyTally& b) {
    return a.replicates_ == b.replicates_ && a.checkpoints_ == b.checkpoints_ && a.cells_ == b.cells_ &&
           a.bins_ == b.bins_;
  }

 private:
  struct Cell {
    std::int64_t count = 0, denominator = 0;
    FixedSum value, square, numerator, numerator_square, product, denominator_square;
    std::int64_t paired = 0;
    FixedSum difference, difference_square;
    void merge(const Cell& part);
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  std::size_t cell_of(std::size_t checkpoint, std::size_t metric) const {
    return checkpoint * metrics_.size() + metric;
  }
  /// Values (and differences) at this checkpoint are multiplied by 2^-scale before they are summed,
  /// numerators and denominators by 2^-total_scale, so that they stay within [-16, 16].
  int scale(std::size_t checkpoint, const StudyMetric& metric) const;
  int total_scale(std::size_t checkpoint) const;
  void check(const StudyBlock& block) const;
  void add_block(const StudyBlock& block, const StudyBlock* baseline);

  std::vector<StudyMetric> metrics_;
  std::vector<std::uint32_t> checkpoints_;
  std::uint64_t replicates_ = 0;
  std::vector<Cell> cells_;          ///< [checkpoint][metric]
  std::vector<std::uint32_t> bins_;  ///< [checkpoint][metric][study_bins]
};

}  // namespace npo

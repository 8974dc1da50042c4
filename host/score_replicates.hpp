#pragma once
#include <cstdint>
#include <vector>

#include "host/score_cells.hpp"
#include "host/score_metrics.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {

/// Bootstrap replicates of everything that follows from the totals of cells. Every vector has one entry a
/// replicate; NaN where a metric is undefined.
class ScoreReplicates {
 public:
  /// `probability`: scores are in [0, 1], and losses are summed too. Error(bad_data) when the weights are too
  /// many to add up (see BootstrapSums).
  ScoreReplicates(const ScoredRows& rows, ScoreCells cells, const MetricSettings& settings, bool probability,
                  SimdLevel level, const ParallelFor& parallel);

  /// Of rows that come in pieces, see add. Without weights.
  ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability);
  /// Adds the next piece; without keys its rows count from `first_row`. `cell_of` is each row's cell.
  void add(const ScoredRows& rows, std::span<const std::uint32_t> cell_of, std::uint64_t first_row,
           SimdLevel level, const ParallelFor& parallel);

  /// Totals by decision and outcome; surfaced is the positive prediction.
  std::vector<ScoreTotals> totals() const;
  /// Moved by what binning changes in the sample itself, to the exact value `exact`.
  std::vector<double> average_precision(double exact) const;
  std::vector<double> auroc(double exact) const;
  /// Slope and intercept of the logistic recalibration of the bins, one step of Newton from the sample's,
  /// moved alike.
  struct Lines {
    std::vector<double> slope, intercept;
  };
  Lines calibration(double exact_slope, double exact_intercept) const;
  /// Expected calibration error over equal parts of [0, 1].
  std::vector<double> calibration_error() const;

 private:
  enum Column : std::size_t { positive, negative, brier, log_loss, gap };
  /// What a unit of the column's totals is.
  double unit(Column column) const;
  /// Calls add(b, the cell's total in replicate b) for all b.
  template <class Add>
  void each(std::size_t cell, Column column, const Add& add) const;
  /// The sample's curve, and every replicate's, cell by cell and bin by bin.
  template <class Curve>
  std::vector<Curve> curves(Curve& sample) const;
  /// Whether no later cell is of the same bin.
  bool ends_bin(std::size_t cell) const;

  ScoreCells cells_;
  MetricSettings settings_;
  bool probability_, weighted_;
  BootstrapSums sums_;
};

}  // namespace npo

#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "host/bootstrap_engine.hpp"
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
                  const BootstrapEngine& engine);

  /// Of rows that come in pieces, see add. Without weights.
  ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability);
  /// Adds the next piece; without keys its rows count from `first_row`. `cell_of` is each row's cell.
  void add(const ScoredRows& rows, std::span<const std::uint32_t> cell_of, std::uint64_t first_row,
           const BootstrapEngine& engine);

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
  /// Expected calibration error over equal parts of [0, 1]. `totals` are those of `totals()`.
  std::vector<double> calibration_error(std::span<const ScoreTotals> totals) const;

 private:
  enum Count : std::size_t { positive, negative };
  enum Loss : std::size_t { brier, log_loss, gap };
  ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability, std::size_t rows);
  /// What a unit of the losses' totals is.
  double unit(Loss loss) const;
  /// Calls each(part, totals in every replicate) for summands that make up the loss in each part.
  template <class Each>
  void for_summands(Loss loss, const Each& each) const;
  /// The cell's total in every replicate, and at last in the sample; empty where it is 0 in all of them.
  std::span<const double> totals_of(std::size_t cell, Count count, std::vector<double>& totals) const;
  /// The curve of every replicate, and at last the sample's, cell by cell and bin by bin.
  template <class Curves>
  Curves curves() const;
  /// Whether no later cell is of the same bin.
  bool ends_bin(std::size_t cell) const;

  ScoreCells cells_;
  MetricSettings settings_;
  bool probability_, weighted_;
  std::vector<std::uint32_t> part_of_cell_;  ///< of [0, 1], as calibration is judged by
  /// Losses are needed by part alone, which keeps the totals of small groups few. Where cells hold many rows
  /// the draws take the time, and losses are summed by cell with the counts.
  bool together_;
  BootstrapSums counts_;  ///< by cell; with losses where they are summed together
  BootstrapSums losses_;  ///< by part
};

}  // namespace npo

#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/fixed_sum.hpp"
#include "kernels/parallel_for.hpp"

/// How well scores are probabilities: Brier score, log loss, reliability table, expected calibration error,
/// and slope and intercept of the logistic recalibration.
namespace npo {

/// Rows of equal-length columns: scores in [0, 1]; labels of type Label, unknown ones left out; weights in
/// [0, 1] (scale larger ones down; empty: all 1); segments below the tally's number (empty: all in segment
/// 0).
struct CalibrationRows {
  std::span<const float> score;
  std::span<const std::uint8_t> label;
  std::span<const float> weight;
  std::span<const std::uint32_t> segment;
};

/// Scores are kept this far from 0 and 1 inside logarithms; a single row's log loss is at most 36.05.
inline constexpr double log_loss_margin = 0x1p-52;

/// -log of the probability given to what happened, clamped by the margin.
double log_loss_of(float score, bool happened);

/// One bin of the reliability table; the last one holds score 1.
struct ReliabilityBin {
  double low = 0.0, high = 1.0;  ///< scores in [low, high)
  std::uint64_t rows = 0;
  double weight = 0.0;
  double mean_score = 0.0, rate = 0.0;  ///< weighted mean of score and of label; 0 in an empty bin
};

/// What one segment's rows add up to.
struct CalibrationSummary {
  std::uint64_t rows = 0;
  double weight = 0.0;
  /// Nothing when the weights sum to 0:
  std::optional<double> brier;      ///< mean of (score - label)^2
  std::optional<double> log_loss;   ///< mean of log_loss_of
  std::optional<double> ece;        ///< sum over bins of |sum w (score - label)| / sum w
  std::optional<double> max_error;  ///< largest |mean score - rate| of a bin that holds weight
  std::optional<double> bias;       ///< mean of score - label
  std::vector<ReliabilityBin> bins;
};

/// Order-free sums of all that, by segment and bin: equal for every cut of the rows, merged in any order.
class CalibrationTally {
 public:
  /// `bins` equal parts of [0, 1], 1 to 1000.
  CalibrationTally(std::size_t segments, std::size_t bins);

  /// Error(bad_data) names the first row, counted from first_row, whose score, label, weight or segment is
  /// out of range.
  void add(const CalibrationRows& rows, std::uint64_t first_row = 0);
  /// Error(internal) when the shapes differ.
  void merge(const CalibrationTally& part);
  CalibrationSummary summary(std::size_t segment) const;
  /// All segments in one.
  CalibrationSummary overall() const;
  std::uint64_t unknown() const { return unknown_; }

  bool operator==(const CalibrationTally&) const = default;

 private:
  struct Bin {
    std::uint64_t rows = 0;
    FixedSum weight, score, label;
    void merge(const Bin& part) {
      rows += part.rows;
      weight.merge(part.weight);
      score.merge(part.score);
      label.merge(part.label);
    }
    bool operator==(const Bin&) const = default;
  };
  struct Segment {
    FixedSum brier, log_loss;
    void merge(const Segment& part) {
      brier.merge(part.brier);
      log_loss.merge(part.log_loss);
    }
    bool operator==(const Segment&) const = default;
  };
  CalibrationSummary summarise(std::span<const Bin> bins, const Segment& sums) const;

  std::size_t bin_count_;
  std::vector<Bin> bins_;          ///< [segments][bins]
  std::vector<Segment> segments_;  ///< [segments]
  std::uint64_t unknown_ = 0;
};

/// P(label = 1) = sigmoid(intercept + slope logit(score)): a calibrated score has slope 1 and intercept 0.
/// Standard errors from the observed information (weights taken as frequencies).
struct CalibrationLine {
  double slope = 1.0, intercept = 0.0;
  double slope_error = 0.0, intercept_error = 0.0;
  int iterations = 0;
};

/// Fits it by Newton's method with step halving; logits of scores clamped by 1e-6 as everywhere. Sums run
/// over tiles of 4096 rows, added in order. Nothing when a class is empty, when all scores are equal, or when
/// a score separates the classes, so that the slope would grow for ever. `segment` is ignored.
std::optional<CalibrationLine> fit_calibration(const CalibrationRows& rows,
                                               const ParallelFor& parallel = serial_for);

}  // namespace npo

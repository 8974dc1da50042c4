#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/evaluation_rows.hpp"
#include "host/run_context.hpp"
#include "host/score_cells.hpp"
#include "host/score_metrics.hpp"
#include "host/score_replicates.hpp"
#include "kernels/calibration.hpp"
#include "kernels/delong.hpp"
#include "kernels/ranked_metrics.hpp"

/// Metrics of scored rows, for all groups of one grouping in one pass.
namespace npo {

/// Rows made ready to be evaluated: weights as integers, and what is true of all rows.
struct PreparedRows {
  const EvaluationRows* rows = nullptr;
  IntegerWeights weight;           ///< empty where rows have none
  std::vector<float> unit_weight;  ///< the same below 1, for calibration
  std::string no_probability;      ///< why scores are no probabilities; empty where they are
  bool clustered = false;          ///< some cluster holds several rows
  bool decided = false;            ///< rows carry decisions
  /// Whether rates are plain proportions of independent rows.
  bool plain() const { return weight.weight.empty() && !clustered; }
};
/// `rows` must outlive the result. Labels are all known.
PreparedRows prepare_rows(const EvaluationRows& rows);

/// What one group's rows come to, before intervals.
struct GroupScores {
  std::uint64_t rows = 0;
  double weight_unit = 1.0;    ///< of the totals
  Confusion decided;           ///< by decision, in units of weight
  std::uint64_t unscored = 0;  ///< rows without a score, in units of weight: not in calibration and line
  RankedSummary ranked;
  std::optional<DeLong> delong;
  CalibrationSummary calibration;
  std::optional<CalibrationLine> line;
};

/// Evaluates the groups of a grouping; without codes all rows are one group.
class GroupedScores {
 public:
  GroupedScores(const PreparedRows& prepared, std::span<const std::uint32_t> codes, std::size_t groups,
                const MetricSettings& settings, const RunContext& context);

  std::size_t groups() const { return summaries_.size(); }
  const GroupScores& summary(std::size_t group) const { return summaries_[group]; }
  /// All metrics of a group with what their intervals are made from. Thread-safe.
  std::vector<MetricSample> samples(std::size_t group, const BootstrapEngine& engine) const;
  /// The group's rows; those of equal groupings lie in equal order, so that two scores of the same rows pair
  /// up.
  ScoredRows rows_of(std::size_t group) const;
  /// metrics_of every group, over threads.
  std::vector<std::vector<Metric>> metrics() const;

 private:
  /// Columns in the order of groups; empty where all rows are one group, which lie in order already.
  struct Ordered {
    std::vector<float> score, unit_weight;
    std::vector<std::uint8_t> label, unscored, decision;
    std::vector<std::uint32_t> weight;
    std::vector<std::uint64_t> key;
  };
  void order(std::span<const std::uint32_t> codes);
  void summarise(std::span<const std::uint32_t> codes);
  void calibrate(std::size_t group);

  const PreparedRows& prepared_;
  MetricSettings settings_;
  const RunContext& context_;
  std::vector<std::size_t> first_;  ///< [groups + 1]
  Ordered ordered_;
  bool whole_;
  std::vector<GroupScores> summaries_;
};

/// The metrics of one group. `replicates` may be null; `rows` are asked for the clusters of a rate that is 0
/// or 1 and may be empty.
std::vector<MetricSample> score_samples(const PreparedRows& prepared, const GroupScores& scores,
                                        const MetricSettings& settings, const ScoreReplicates* replicates,
                                        const ScoredRows& rows);

}  // namespace npo

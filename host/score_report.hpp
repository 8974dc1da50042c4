#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluation_rows.hpp"
#include "host/grouped_scores.hpp"
#include "host/json_lists.hpp"
#include "host/score_metrics.hpp"
#include "kernels/score_histogram.hpp"

/// Everything that is reported of scored rows: metrics of all rows and of every group, curves, and which
/// groups are worst and best.
namespace npo {

/// What ranking metrics from a histogram are certain to lie in.
struct HistogramBounds {
  std::optional<BoundedMetric> auroc, average_precision;
};

struct ScoredGroup {
  std::string name;
  std::uint64_t unknown = 0;  ///< rows of unknown label, which are counted nowhere else
  GroupScores scores;
  std::vector<Metric> metrics;
  std::optional<HistogramBounds> bounds{};  ///< of a streamed evaluation
  const Metric* find(std::string_view metric) const;
};

/// The groups of one column or of time. Groups are ranked by the end of the interval that speaks for them
/// least or most, so that a handful of rows makes no group the worst: `worst` are those whose better end is
/// lowest, `best` those whose worse end is highest; groups without an interval are neither. Indices into
/// `groups`.
struct ScoredGrouping {
  std::string column;
  bool over_time = false;
  std::vector<ScoredGroup> groups;
  std::vector<std::size_t> worst, best;
};

/// What every threshold does, over all rows, in units of weight.
struct ScoreCurve {
  std::vector<CurvePoint> points;  ///< by falling threshold
  std::uint64_t positives = 0, negatives = 0;
  /// The mean cost at a point.
  double cost_at(const CurvePoint& point, const CostMatrix& cost) const;
};

struct ScoreEvaluation {
  ScoredGroup total;
  std::vector<ScoredGrouping> groupings;
  ScoreCurve curve;
  MetricSettings settings;
  std::string ranked_by;            ///< the metric that names worst and best
  std::optional<double> threshold;  ///< absent where decisions were given or nothing was
  bool clustered = false, weighted = false;
  std::uint64_t skipped = 0;  ///< bad rows left out
};

struct ScoreEvaluationOptions {
  MetricSettings settings;
  std::optional<double> threshold;  ///< decides where rows carry no decisions
  std::string rank_by;              ///< empty: f1 where there are decisions, auroc where not
  std::size_t named = 5;            ///< how many worst and best
  std::int64_t incident_gap = 7 * seconds_per_day;
  std::size_t curve_points = 500;
};

/// Names the worst and best groups. Error(usage) when `metric` is none, with the nearest.
void rank_groupings(const std::string& metric, std::size_t named, ScoreEvaluation& evaluation);

/// Evaluates rows. With clusters, times and decisions incidents are evaluated too. Error(usage) when rank_by
/// is no metric, with the nearest.
ScoreEvaluation evaluate_scores(KnownRows known, const ScoreEvaluationOptions& options,
                                const RunContext& context);

/// {"total": group, "groups": {column: [group, ...]}, "worst", "best", "curve": [...], "reliability": [...],
/// ...}, see docs/formats/evaluation.md, less the groups: those are the lists.
nlohmann::json outline_of(const ScoreEvaluation& report);
std::vector<JsonList> group_lists(const std::shared_ptr<const ScoreEvaluation>& report);
/// {"rows", "unknown", "positives", "negatives", "confusion", "metrics"} of a group.
nlohmann::json to_json(const ScoredGroup& group);
/// The lines that name the worst and the best groups.
std::string extremes_text(const ScoreEvaluation& evaluation);
/// The same as text for a person.
std::string to_text(const ScoreEvaluation& report);

}  // namespace npo

#include "host/evaluate_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "host/bootstrap_engine.hpp"
#include "host/logistic_line.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr int bits_of_all = 16, bits_of_a_group = 10;
constexpr std::size_t bootstrap_bins = 128;
constexpr double logit_margin = 1e-6;
constexpr auto unknown_label = static_cast<std::uint8_t>(Label::unknown);

/// What is kept of a group.
class GroupTally {
 public:
  GroupTally(int bits, std::size_t reliability_bins)
      : histogram_(HistogramPlan{.bits = bits}), calibration_(1, reliability_bins) {}

  void add(const EvaluationRows& rows) {
    histogram_.add(rows.score, rows.label);
    calibration_.add({.score = rows.score, .label = rows.label, .weight = {}, .segment = {}});
    for (std::size_t i = 0; i < rows.decision.size(); ++i) {
      const bool happened = rows.label[i] == 1;
      if (rows.decision[i] == static_cast<std::uint8_t>(Decision::surfaced))
        ++(happened ? decided_.true_positive : decided_.false_positive);
      else
        ++(happened ? decided_.false_negative : decided_.true_negative);
    }
  }
  void add_unknown() { ++unknown_; }

  const ScoreHistogram& histogram() const { return histogram_; }
  ScoredGroup group(const std::string& name) const {
    ScoredGroup group{.name = name, .unknown = unknown_, .scores = {}, .metrics = {}};
    group.bounds = HistogramBounds{histogram_.auroc(), histogram_.average_precision()};
    GroupScores& scores = group.scores;
    scores.decided = decided_;
    scores.calibration = calibration_.summary(0);
    scores.rows = scores.calibration.rows;
    scores.line = line();
    RankedSummary& ranked = scores.ranked;
    ranked.positives = ranked.positive_rows = histogram_.positives(0);
    ranked.negatives = ranked.negative_rows = histogram_.negatives(0);
    if (group.bounds->auroc) ranked.auroc = group.bounds->auroc->value;
    if (group.bounds->average_precision) ranked.average_precision = group.bounds->average_precision->value;
    return group;
  }

 private:
  std::optional<CalibrationLine> line() const {
    std::vector<LinePoint> points;
    const double bins = static_cast<double>(histogram_.bins());
    for (std::size_t bin = 0; bin < histogram_.bins(); ++bin) {
      const auto yes = static_cast<double>(histogram_.count(0, bin, Label::yes));
      const auto no = static_cast<double>(histogram_.count(0, bin, Label::no));
      const double middle =
          std::clamp((static_cast<double>(bin) + 0.5) / bins, logit_margin, 1.0 - logit_margin);
      if (yes + no > 0.0) points.push_back({elementary64::logit(middle), yes, yes + no});
    }
    const auto line = fit_logistic_line(points, {1.0, 0.0});
    if (!line) return std::nullopt;
    return CalibrationLine{.slope = line->slope, .intercept = line->intercept};
  }

  ScoreHistogram histogram_;
  CalibrationTally calibration_;
  Confusion decided_;
  std::uint64_t unknown_ = 0;
};

/// Drops points between which neither rate moves by more than 2 / most.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points, std::size_t most) {
  std::vector<CurvePoint> kept;
  if (points.empty()) return kept;
  const CurvePoint& last = points.back();
  const double step = 2.0 / static_cast<double>(most);
  for (const CurvePoint& point : points) {
    const bool moved = kept.empty() ||
                       static_cast<double>(point.true_positive - kept.back().true_positive) >
                           step * static_cast<double>(last.true_positive) ||
                       static_cast<double>(point.false_positive - kept.back().false_positive) >
                           step * static_cast<double>(last.false_positive);
    if (moved || point == last) kept.push_back(point);
  }
  return kept;
}

class Stream {
 public:
  Stream(EvaluationSource& source, const ScoreEvaluationOptions& options, const RunContext& context)
      : source_(source),
        options_(options),
        context_(context),
        all_(bits_of_all, options.settings.reliability_bins),
        groups_(source.groupings().size()) {
    if (options.settings.bootstrap > 0)
      replicates_.emplace(even_score_cells(bootstrap_bins), options.settings, true);
  }

  void read() {
    EvaluationRows block;
    while (source_.next(block)) {
      if (options_.threshold) decide(block, *options_.threshold);
      take(block);
    }
  }

  ScoreEvaluation evaluate(bool clustered) {
    PreparedRows all{};
    all.clustered = clustered;
    all.decided = options_.threshold.has_value();
    ScoreEvaluation evaluation;
    evaluation.settings = options_.settings;
    evaluation.threshold = options_.threshold;
    evaluation.clustered = clustered;
    evaluation.skipped = source_.skipped();
    evaluation.total = finish(all_.group("total"), all, replicates_ ? &*replicates_ : nullptr);
    evaluation.curve = {.points = thinned(all_.histogram().curve(), options_.curve_points),
                        .positives = all_.histogram().positives(0),
                        .negatives = all_.histogram().negatives(0)};
    for (std::size_t g = 0; g < groups_.size(); ++g) evaluation.groupings.push_back(grouping(g, all));
    evaluation.ranked_by = !options_.rank_by.empty() ? options_.rank_by : all.decided ? "f1" : "auroc";
    rank_groupings(evaluation.ranked_by, options_.named, evaluation);
    return evaluation;
  }

 private:
  void take(const EvaluationRows& block) {
    EvaluationRows known;
    std::vector<std::vector<EvaluationRows>> parts(groups_.size());
    for (std::size_t i = 0; i < block.size(); ++i) {
      const bool is_known = block.label[i] != unknown_label;
      if (is_known)
        known.append(block, i);
      else
        all_.add_unknown();
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const std::uint32_t code = block.group[g][i];
        while (groups_[g].size() <= code)
          groups_[g].emplace_back(bits_of_a_group, options_.settings.reliability_bins);
        if (!is_known) {
          groups_[g][code].add_unknown();
          continue;
        }
        if (parts[g].size() <= code) parts[g].resize(groups_[g].size());
        parts[g][code].append(block, i);
      }
    }
    all_.add(known);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (std::size_t code = 0; code < parts[g].size(); ++code)
        if (parts[g][code].size() > 0) groups_[g][code].add(parts[g][code]);
    if (replicates_) {
      const ScoredRows rows{.score = known.score,
                            .label = known.label,
                            .decision = known.decision,
                            .weight = {},
                            .key = known.cluster};
      replicates_->add(rows, assign_even_cells(rows, bootstrap_bins), rows_, BootstrapEngine(context_));
    }
    rows_ += known.size();
  }

  ScoredGroup finish(ScoredGroup group, const PreparedRows& all, const ScoreReplicates* replicates) const {
    const bool has_rows = group.scores.rows > 0;
    for (const MetricSample& sample :
         score_samples(all, group.scores, options_.settings, has_rows ? replicates : nullptr, {}))
      group.metrics.push_back(metric_of(sample, options_.settings.level, all.clustered));
    return group;
  }

  ScoredGrouping grouping(std::size_t index, const PreparedRows& all) const {
    const Grouping& by = source_.groupings()[index];
    ScoredGrouping grouping{
        .column = by.column, .over_time = by.over_time, .groups = {}, .worst = {}, .best = {}};
    for (std::size_t code = 0; code < groups_[index].size(); ++code)
      grouping.groups.push_back(finish(groups_[index][code].group(by.names.names()[code]), all, nullptr));
    std::sort(grouping.groups.begin(), grouping.groups.end(),
              [](const ScoredGroup& a, const ScoredGroup& b) { return a.name < b.name; });
    return grouping;
  }

  EvaluationSource& source_;
  const ScoreEvaluationOptions& options_;
  const RunContext& context_;
  GroupTally all_;
  std::vector<std::vector<GroupTally>> groups_;
  std::optional<ScoreReplicates> replicates_;
  std::uint64_t rows_ = 0;
};

}  // namespace

ScoreEvaluation evaluate_stream(TableInput input, const ScoreEvaluationOptions& options,
                                const RunContext& context) {
  if (!input.columns.weight.empty())
    throw Error(ErrorKind::usage, "a histogram counts whole rows, without weights",
                "leave --weight or --histogram out");
  input.unit_scores = true;
  const auto source = open_evaluation_table(input, context);
  Stream stream(*source, options, context);
  context.report().begin("rows", 0, "rows");
  stream.read();
  context.report().end();
  ScoreEvaluation evaluation = stream.evaluate(!input.columns.cluster.empty());
  if (evaluation.total.scores.rows == 0)
    throw Error(ErrorKind::bad_data, fmt::format("{}: no row has a known label", input.path.string()),
                "give rows labelled 0 or 1");
  return evaluation;
}

}  // namespace npo

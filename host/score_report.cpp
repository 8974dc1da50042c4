#include "host/score_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "host/lead_time.hpp"
#include "io/closest_name.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

void rank_groups(const std::string& metric, std::size_t named, ScoredGrouping& grouping) {
  struct Ends {
    std::size_t group;
    double kind, unkind;
  };
  std::vector<Ends> order;
  for (std::size_t g = 0; g < grouping.groups.size(); ++g) {
    const Metric& of_group = *grouping.groups[g].find(metric);
    if (const auto kind = interval_end(of_group, true))
      order.push_back({g, *kind, *interval_end(of_group, false)});
  }
  const auto first = [&](auto before) {
    std::stable_sort(order.begin(), order.end(), before);
    std::vector<std::size_t> groups;
    for (std::size_t i = 0; i < std::min(named, order.size()); ++i) groups.push_back(order[i].group);
    return groups;
  };
  grouping.worst = first([](const Ends& a, const Ends& b) { return a.kind < b.kind; });
  grouping.best = first([](const Ends& a, const Ends& b) { return a.unkind > b.unkind; });
}

void require_metric(const std::string& metric, const ScoredGroup& total) {
  if (total.find(metric)) return;
  std::vector<std::string> known;
  for (const Metric& m : total.metrics) known.push_back(m.name);
  throw Error(ErrorKind::usage, fmt::format("there is no metric {} to rank by", metric),
              suggest_name(metric, known, "the metrics stand in the report's total"));
}

/// Splits incidents by the group of their last row; `codes` empty: one group.
std::vector<std::vector<Incident>> by_group(const std::vector<Incident>& incidents,
                                            std::span<const std::uint32_t> codes, std::size_t groups) {
  std::vector<std::vector<Incident>> split(groups);
  for (const Incident& incident : incidents)
    split[codes.empty() ? 0 : codes[incident.last_row]].push_back(incident);
  return split;
}

/// Evaluates one grouping after another.
class ReportMaker {
 public:
  ReportMaker(const KnownRows& known, const ScoreEvaluationOptions& options, const RunContext& context)
      : known_(known), options_(options), context_(context), prepared_(prepare_rows(known.rows)) {
    const EvaluationRows& rows = known.rows;
    timed_ = !rows.cluster.empty() && !rows.time.empty() && !rows.decision.empty();
    if (timed_) incidents_ = find_incidents(rows, options.incident_gap);
  }

  const PreparedRows& prepared() const { return prepared_; }

  ScoredGroup total() const {
    auto groups = evaluate({}, {"total"});
    groups.front().unknown = known_.unknown;
    return std::move(groups.front());
  }

  ScoredGrouping grouping(std::size_t index) const {
    const Grouping& by = known_.groupings[index];
    ScoredGrouping result{.column = by.column,
                          .over_time = by.over_time,
                          .groups = evaluate(known_.rows.group[index], by.names.names()),
                          .worst = {},
                          .best = {}};
    for (std::size_t g = 0; g < result.groups.size(); ++g)
      result.groups[g].unknown = known_.unknown_by_group[index][g];
    return result;
  }

 private:
  std::vector<ScoredGroup> evaluate(std::span<const std::uint32_t> codes,
                                    const std::vector<std::string>& names) const {
    const GroupedScores scores(prepared_, codes, names.size(), options_.settings, context_);
    auto metrics = scores.metrics();
    const auto incidents = by_group(incidents_, codes, names.size());
    std::vector<ScoredGroup> groups;
    for (std::size_t g = 0; g < names.size(); ++g) {
      if (timed_)
        for (Metric& metric : lead_time_metrics(incidents[g], options_.settings.level))
          metrics[g].push_back(std::move(metric));
      groups.push_back(
          {.name = names[g], .unknown = 0, .scores = scores.summary(g), .metrics = std::move(metrics[g])});
      context_.report().advance(scores.summary(g).rows);
    }
    return groups;
  }

  const KnownRows& known_;
  const ScoreEvaluationOptions& options_;
  const RunContext& context_;
  PreparedRows prepared_;
  bool timed_ = false;
  std::vector<Incident> incidents_;
};

}  // namespace

const Metric* ScoredGroup::find(std::string_view metric) const {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const Metric& m) { return m.name == metric; });
  return found == metrics.end() ? nullptr : &*found;
}

double ScoreCurve::cost_at(const CurvePoint& point, const CostMatrix& cost) const {
  const auto hits = static_cast<double>(point.true_positive),
             alarms = static_cast<double>(point.false_positive);
  const auto all_hits = static_cast<double>(positives), all_alarms = static_cast<double>(negatives);
  return (cost.true_positive * hits + cost.false_positive * alarms + cost.false_negative * (all_hits - hits) +
          cost.true_negative * (all_alarms - alarms)) /
         (all_hits + all_alarms);
}

void rank_groupings(const std::string& metric, std::size_t named, ScoreEvaluation& evaluation) {
  require_metric(metric, evaluation.total);
  for (ScoredGrouping& grouping : evaluation.groupings)
    if (!grouping.over_time) rank_groups(metric, named, grouping);
}

ScoreEvaluation evaluate_scores(KnownRows known, const ScoreEvaluationOptions& options,
                                const RunContext& context) {
  if (options.threshold) decide(known.rows, *options.threshold);
  context.report().begin("metrics", known.rows.size() * (1 + known.groupings.size()), "rows");
  const ReportMaker make(known, options, context);
  ScoreEvaluation report;
  report.settings = options.settings;
  report.threshold = options.threshold;
  report.clustered = make.prepared().clustered;
  report.weighted = !known.rows.weight.empty();
  report.skipped = known.skipped;
  report.total = make.total();
  const EvaluationRows& rows = known.rows;
  report.ranked_by = !options.rank_by.empty() ? options.rank_by : rows.decision.empty() ? "auroc" : "f1";
  report.curve = {
      .points = ranked_curve(
          {.score = rows.score, .label = rows.label, .weight = make.prepared().weight.weight, .segment = {}},
          options.curve_points),
      .positives = report.total.scores.ranked.positives,
      .negatives = report.total.scores.ranked.negatives};
  for (std::size_t g = 0; g < known.groupings.size(); ++g) report.groupings.push_back(make.grouping(g));
  rank_groupings(report.ranked_by, options.named, report);
  context.report().end();
  return report;
}

}  // namespace npo

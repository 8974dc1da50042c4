#include "host/evaluate_scores.hpp"

#include <algorithm>

#include "host/answer_metrics.hpp"
#include "host/evaluation_decisions.hpp"

namespace npo {
namespace {

/// Metrics that counts give with the same interval, unless rows depend on each other.
bool counted(const std::string& name) {
  for (const char* metric : {"precision", "recall", "specificity", "f1", "surfaced_rate"})
    if (name == metric) return true;
  return false;
}

void add(const std::vector<Metric>& metrics, bool dependent, EvaluatedGroup& group) {
  for (const Metric& metric : metrics)
    if (dependent || !counted(metric.name)) group.more.push_back(metric);
}

std::uint32_t run_of(const AnsweredRow& answer) {
  return answer.run;
}
std::uint32_t fleet_of(const AnsweredRow& answer) {
  return answer.fleet;
}

}  // namespace

void add_score_metrics(const std::vector<DecisionRun>& runs, const ScenarioFile& labels,
                       const AnswerBook* feedback, const EvaluateOptions& options, const RunContext& context,
                       EvaluateReport& report) {
  context.report().begin("scores", report.total.counts.rows, "decisions");
  KnownDecisions collected = collect_decisions(runs, labels, options.as_of, feedback, context);
  context.report().end();
  report.unscored = collected.unscored;
  if (!options.by_fleet) {
    collected.known.groupings.pop_back();
    collected.known.rows.group.pop_back();
  }
  const MetricSettings& settings = options.scores->settings;
  const auto add_answers = [&](std::uint32_t (*code)(const AnsweredRow&), std::size_t groups, auto group_at) {
    const auto metrics = answer_metrics(collected.answers, code, groups, settings, context);
    for (std::size_t g = 0; g < groups; ++g) add(metrics[g], true, group_at(g));
  };
  add_answers([](const AnsweredRow&) { return std::uint32_t{0}; }, 1,
              [&](std::size_t) -> EvaluatedGroup& { return report.total; });
  add_answers(run_of, runs.size(), [&](std::size_t g) -> EvaluatedGroup& { return report.nights[g]; });
  if (options.by_fleet)
    add_answers(fleet_of, report.fleets.size(),
                [&](std::size_t g) -> EvaluatedGroup& { return report.fleets[g]; });

  if (collected.known.rows.size() == 0) return;
  report.scores = evaluate_scores(std::move(collected.known), *options.scores, context);
  ScoreEvaluation& scores = *report.scores;
  add(scores.total.metrics, scores.clustered, report.total);
  for (std::size_t n = 0; n < report.nights.size(); ++n) {
    add(scores.groupings[0].groups[n].metrics, false, report.nights[n]);
    scores.groupings[0].groups[n].name = report.nights[n].name;
  }
  if (!options.by_fleet) return;
  for (std::size_t f = 0; f < report.fleets.size(); ++f)
    add(scores.groupings[1].groups[f].metrics, scores.clustered, report.fleets[f]);
}

}  // namespace npo

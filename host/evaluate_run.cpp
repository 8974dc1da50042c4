#include "host/evaluate_run.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "host/baseline_rule.hpp"
#include "host/evaluate_answers.hpp"
#include "host/evaluate_baseline.hpp"
#include "host/evaluate_outcomes.hpp"
#include "host/evaluate_scores.hpp"
#include "host/policy.hpp"
#include "host/time_text.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// The runs in the order of (night, run id), so that the order of arguments changes nothing. Error(usage) on
/// a repeat.
std::vector<DecisionRun> open_runs_by_night(const std::vector<std::filesystem::path>& folders) {
  if (folders.empty())
    throw Error(ErrorKind::usage, "no decisions are given", "name at least one folder of decisions");
  std::map<std::tuple<UnixSeconds, std::string, std::size_t>, DecisionRun> sorted;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    DecisionRun run(folders[i]);
    const std::tuple key(run.identity().night, run.run_id(), i);
    sorted.emplace(key, std::move(run));
  }
  std::vector<DecisionRun> runs;
  for (auto& [key, run] : sorted) runs.push_back(std::move(run));
  for (std::size_t i = 1; i < runs.size(); ++i)
    if (runs[i].run_id() == runs[i - 1].run_id())
      throw Error(ErrorKind::usage,
                  runs[i].folder().string() + " and " + runs[i - 1].folder().string() + " are the same run",
                  "give each run once");
  return runs;
}

/// What is known of one fleet of one run.
GroupCounts counts_of(const OutcomeCounts& outcomes, const Answers& answers,
                      const std::vector<double>& losses) {
  GroupCounts counts;
  counts.rows = outcomes.rows();
  counts.immature = outcomes.immature();
  counts.confusion = outcomes.confusion();
  counts.answers = answers;
  counts.add_losses(answers, losses);
  return counts;
}

void check_level(double level) {
  if (!(level > 0.0 && level < 1.0))
    throw Error(ErrorKind::usage, "level must lie between 0 and 1", "the default is 0.95");
}

}  // namespace

EvaluateReport run_evaluate(const EvaluateOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  check_level(options.level);
  const auto runs = open_runs_by_night(options.decisions);
  const ScenarioFile labels(options.labels);
  std::optional<AnswerBook> feedback;
  if (!options.feedback.empty()) feedback.emplace(options.feedback, runs, options.as_of);
  std::optional<BaselineRule> rule;
  if (!options.baseline.empty()) rule = parse_baseline(options.baseline, labels.header().features);

  EvaluateReport report;
  report.level = options.level;
  report.answers_from = feedback ? "feedback" : "labels";
  report.answers_elsewhere = feedback ? feedback->elsewhere() : 0;
  report.total.name = "total";
  if (rule) report.baseline = BaselineReport{.rule = rule->text, .full = {}, .capped = {}, .ours_capped = {}};
  std::uint64_t rows = 0;
  for (const DecisionRun& run : runs) rows += run.rows();
  context.report().begin("evaluate", rows, "decisions");

  std::map<std::string, GroupCounts> fleets;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const DecisionRun& run = runs[i];
    auto outcomes = count_outcomes(run, labels, options.as_of, rule ? &*rule : nullptr, context);
    const auto losses = loss_table(policy_from_json(run.identity().policy_json, run.folder().string()));
    const auto answers = feedback ? feedback->by_fleet(i, context) : std::vector<Answers>();
    EvaluatedGroup night{.name = format_time(run.identity().night), .run_id = run.run_id(), .counts = {}};
    for (std::size_t f = 0; f < outcomes.fleets.size(); ++f) {
      const OutcomeCounts& fleet = outcomes.fleets[f];
      const GroupCounts counts = counts_of(fleet, feedback ? answers[f] : fleet.hindsight(), losses);
      night.counts += counts;
      if (options.by_fleet) fleets[run.identity().fleets[f]] += counts;
    }
    night.counts.loss_sum = night.counts.loss_squares =
        0.0;  // once from the night's counts, not fleet by fleet
    night.counts.add_losses(night.counts.answers, losses);
    report.total.counts += night.counts;
    report.unknown_scenarios += outcomes.unknown_scenarios;
    if (rule) add_baseline_night(outcomes, night.counts.confusion, *report.baseline);
    report.nights.push_back(std::move(night));
  }
  for (auto& [name, counts] : fleets) report.fleets.push_back({.name = name, .run_id = {}, .counts = counts});
  context.report().end();
  if (options.scores)
    add_score_metrics(runs, labels, feedback ? &*feedback : nullptr, options, context, report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo

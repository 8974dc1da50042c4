#include "host/compare_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/answer_metrics.hpp"
#include "host/evaluation_decisions.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;

KnownRows read_table(const TableInput& input, const std::optional<double>& threshold,
                     const RunContext& context) {
  const auto source = open_evaluation_table(input, context);
  context.report().begin("read", 0, "rows");
  KnownRows known = read_known_rows(*source);
  context.report().end();
  check_known_rows(known, input.path.string());
  if (threshold) decide(known.rows, *threshold);
  return known;
}

/// Runs by night.
std::map<UnixSeconds, DecisionRun> runs_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  if (fs::exists(folder / "run.json")) {
    folders.push_back(folder);
  } else if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder))
      if (fs::exists(entry.path() / "decisions" / "run.json")) folders.push_back(entry.path() / "decisions");
  }
  if (folders.empty())
    throw Error(ErrorKind::environment, fmt::format("{} holds no decisions", folder.string()),
                "name a folder of decisions, or one that holds NIGHT/decisions");
  std::sort(folders.begin(), folders.end());
  std::map<UnixSeconds, DecisionRun> runs;
  for (const fs::path& path : folders) {
    DecisionRun run(path);
    const UnixSeconds night = run.identity().night;
    if (!runs.emplace(night, std::move(run)).second)
      throw Error(ErrorKind::usage,
                  fmt::format("{} holds the night of {} twice", folder.string(), format_time(night)),
                  "keep one run a night");
  }
  return runs;
}

/// Moves the nights of `runs` that are in `others` too into a list in the order of time.
std::vector<DecisionRun> common(std::map<UnixSeconds, DecisionRun>& runs,
                                const std::vector<UnixSeconds>& nights) {
  std::vector<DecisionRun> list;
  for (const UnixSeconds night : nights) list.push_back(std::move(runs.at(night)));
  return list;
}

void name_nights(const std::vector<DecisionRun>& runs, Comparison& comparison) {
  for (ComparedGrouping& grouping : comparison.groupings)
    if (grouping.column == "night")
      for (std::size_t n = 0; n < runs.size(); ++n)
        grouping.groups[n].name = format_time(runs[n].identity().night);
}

/// Answers by the fleets of `names` (sorted); those of other fleets are left out.
std::vector<std::vector<AnsweredRow>> answers_by_fleet(const KnownDecisions& decisions,
                                                       const std::vector<std::string>& names) {
  const auto by_own_code = answers_by_group(
      decisions.answers, [](const AnsweredRow& answer) { return answer.fleet; }, decisions.fleets.size());
  std::vector<std::vector<AnsweredRow>> by_name(names.size());
  for (std::size_t fleet = 0; fleet < by_own_code.size(); ++fleet) {
    const auto at = std::ranges::lower_bound(names, decisions.fleets[fleet]);
    if (at != names.end() && *at == decisions.fleets[fleet])
      by_name[static_cast<std::size_t>(at - names.begin())] = by_own_code[fleet];
  }
  return by_name;
}

/// Answers of both, split by every grouping; groups are those of the first, as compare_scores numbers them.
class PairedAnswers {
 public:
  PairedAnswers(const KnownDecisions& first, const KnownDecisions& second, std::size_t nights,
                const MetricSettings& settings, const RunContext& context)
      : settings_(settings), context_(context) {
    const KnownDecisions* both[] = {&first, &second};
    for (std::size_t i = 0; i < 2; ++i) {
      whole_[i] = {both[i]->answers};
      by_[i][0] = answers_by_group(
          both[i]->answers, [](const AnsweredRow& answer) { return answer.run; }, nights);
      by_[i][1] = answers_by_fleet(*both[i], first.fleets);
    }
  }

  std::vector<MetricSample> operator()(bool second, std::size_t grouping, std::size_t group) const {
    const auto& answers = grouping == MoreSamples::whole ? whole_[second] : by_[second][grouping];
    return answer_samples(answers[group], true, settings_, BootstrapEngine::on_this_thread(context_.simd));
  }

 private:
  MetricSettings settings_;
  const RunContext& context_;
  std::vector<std::vector<AnsweredRow>> whole_[2], by_[2][2];
};

}  // namespace

Comparison run_compare_tables(const CompareTablesOptions& options, const RunContext& context) {
  const KnownRows first = read_table(options.first, options.first_threshold, context);
  const KnownRows second = read_table(options.second, options.second_threshold, context);
  return compare_scores(first, second, options.compare, {}, context);
}

Comparison run_compare_decisions(const CompareDecisionsOptions& options, const RunContext& context) {
  auto of_first = runs_in(options.first), of_second = runs_in(options.second);
  std::vector<UnixSeconds> nights;
  for (const auto& [night, run] : of_first)
    if (of_second.contains(night)) nights.push_back(night);
  if (nights.empty())
    throw Error(
        ErrorKind::usage,
        fmt::format("{} and {} have no night in common", options.first.string(), options.second.string()),
        "compare decisions about the same nights");
  const std::uint64_t left_out = of_first.size() + of_second.size() - 2 * nights.size();
  const auto first_runs = common(of_first, nights), second_runs = common(of_second, nights);
  const ScenarioFile labels(options.labels);
  std::uint64_t rows = 0;
  for (const auto* runs : {&first_runs, &second_runs})
    for (const DecisionRun& run : *runs) rows += run.rows();
  context.report().begin("decisions", rows, "decisions");
  KnownDecisions first = collect_decisions(first_runs, labels, options.as_of, nullptr, context);
  KnownDecisions second = collect_decisions(second_runs, labels, options.as_of, nullptr, context);
  context.report().end();
  const PairedAnswers answers(first, second, nights.size(), options.compare.settings, context);
  for (KnownDecisions* decisions : {&first, &second}) {
    if (options.by_fleet) continue;
    decisions->known.groupings.pop_back();
    decisions->known.rows.group.pop_back();
  }
  if (first.known.rows.size() == 0)
    throw Error(ErrorKind::bad_data, "no outcome of the common nights is known",
                "give labels of these nights, or a later --as-of");
  Comparison comparison = compare_scores(first.known, second.known, options.compare, {answers}, context);
  comparison.left_out = left_out;
  name_nights(first_runs, comparison);
  return comparison;
}

}  // namespace npo

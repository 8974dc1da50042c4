#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/study_run.hpp"
#include "host/study_shelf.hpp"
#include "host/study_text.hpp"
#include "host/study_trace.hpp"
#include "host/text_table.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

Report list_report() {
  TextTable table({"study", "what it asks"});
  Report report{.json = {{"studies", nlohmann::json::array()}}};
  for (const ShippedStudy& study : shipped_studies()) {
    table.add({study.name, study.title});
    report.json["studies"].push_back(
        {{"name", study.name}, {"title", study.title}, {"path", study.path.string()}});
  }
  report.text = table.text();
  return report;
}

Report metric_report(const std::string& kind) {
  const StudyKind which = kind == "loop"  ? StudyKind::loop
                          : kind == "ope" ? StudyKind::ope
                                          : StudyKind::bandit;
  TextTable table({"metric", "unit", "what it is"});
  Report report{.json = {{"metrics", nlohmann::json::array()}}};
  for (const StudyMetric& metric : study_metrics(which, 5)) {
    table.add({metric.name, metric.unit, metric.long_name});
    report.json["metrics"].push_back(
        {{"name", metric.name}, {"unit", metric.unit}, {"long_name", metric.long_name}});
  }
  report.text = table.text();
  return report;
}

class StudyCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    options.path("STUDY", study_.file, "study file, or the name of a shipped study").argument = true;
    options.path("output", study_.output, "results, study.h5; with --trace .h5 or .csv").letter = 'o';
    declare_set(options);
    options.toggle("independent", independent_, "random numbers of its own for every point");
    declare_shard(options);
    options.count("trace", trace_, 0, "write every episode of replicate N of every point instead");
    options.toggle("gate", gate_, "exit with 4 when a claim fails");
    options.toggle("list", list_, "list the studies that ship with npo").flag_only = true;
    options.choice("metrics", metrics_, {"loop", "bandit", "ope"}, "list the metrics of a kind of study")
        .flag_only = true;
  }

  Report run(const RunContext& context) override {
    if (list_) return list_report();
    if (!metrics_.empty()) return metric_report(metrics_);
    if (study_.file.empty())
      throw Error(ErrorKind::usage, "STUDY is missing", "name a study file, or a study of npo study --list");
    study_.file = find_study(study_.file);
    if (independent_) study_.overrides.emplace_back("independent=true");
    const Study study = open_study(study_, context);
    if (study_.output.empty() && !context.dry_run)
      throw Error(ErrorKind::usage, "--output is missing", "for example: npo study convergence -o study.h5");
    if (!shard_given_) study_.shard = StudyShard::from_environment();
    if (trace_) return traced(study, context);
    return report_of(study, run_study(study, study_, context), context);
  }

 private:
  void declare_set(OptionSet& options) {
    options
        .custom({.name = "set",
                 .meta = "KEY=VALUE",
                 .help = "replace a key of the study file, for example eta=0.2; may be repeated",
                 .assign = [this](const auto& values) { study_.overrides = values; },
                 .value =
                     [this] {
                       return study_.overrides.empty() ? nlohmann::json() : nlohmann::json(study_.overrides);
                     }})
        .repeated = true;
  }

  void declare_shard(OptionSet& options) {
    options.custom(
        {.name = "shard",
         .meta = "I/N",
         .help = "compute part I of N only (default: Slurm's array variables)",
         .assign =
             [this](const auto& values) {
               study_.shard = StudyShard::parse(values.front());
               shard_given_ = true;
             },
         .value = [this] { return shard_given_ ? nlohmann::json(study_.shard.text()) : nlohmann::json(); }});
  }

  Report traced(const Study& study, const RunContext& context) const {
    const TraceReport trace = trace_study(study, *trace_, study_.output, context);
    return {.text = fmt::format("{}{} episodes of replicate {} of {} points in {}\n",
                                context.dry_run ? "would write " : "", trace.episodes, *trace_, trace.points,
                                study_.output.string()),
            .json = {{"replicate", *trace_}, {"points", trace.points}, {"rows", trace.episodes}}};
  }

  Report report_of(const Study& study, const StudyReport& done, const RunContext& context) const {
    Report report{.json = to_json(done)};
    report.json["dry_run"] = context.dry_run;
    if (context.dry_run) {
      report.text = size_text(study, done.size) + "\nnothing was written (dry run)\n";
      return report;
    }
    report.json["output"] = study_.output.string();
    report.text = verdict_text(done.results);
    if (done.complete_before)
      report.text += fmt::format("{} was complete\n", study_.output.string());
    else
      report.text += fmt::format(
          "{} replicates of {} episodes at {} points in {:.1f} s ({:.3g} episodes/s): {}\n", done.replicates,
          study.episodes, study.points(), done.seconds,
          static_cast<double>(done.replicates) * study.episodes / done.seconds, study_.output.string());
    if (gate_ && count_verdicts(done.results, Verdict::fails) > 0)
      report.exit_code = static_cast<int>(ErrorKind::gate);
    return report;
  }

  StudyOptions study_;
  std::optional<std::uint64_t> trace_;
  std::string metrics_;
  bool independent_ = false, gate_ = false, list_ = false, shard_given_ = false;
};

}  // namespace

std::unique_ptr<Command> make_study_command() {
  return std::make_unique<StudyCommand>();
}

}  // namespace npo::cli

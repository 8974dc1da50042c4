#include <algorithm>

#include "host/cli/commands.hpp"
#include "host/cli/score_options.hpp"
#include "host/evaluate_run.hpp"
#include "host/evaluate_table_run.hpp"
#include "host/evaluation_summary.hpp"
#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

class EvaluateCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(
        options.paths("INPUT", decisions_.decisions, "folders of decisions, or one CSV or HDF5 table"));
    options.path("labels", decisions_.labels,
                 "of decisions: a labelled scenario file that holds their nights");
    options.paths("feedback", decisions_.feedback,
                  "of decisions: answers; without them, those that the labels imply");
    options.time("as-of", decisions_.as_of, "of decisions: use only what was known then");
    options.text("baseline", "RULE", decisions_.baseline,
                 "of decisions: a rule to compare with, 'errors > 0 or age > 1000'");
    table_.declare(options);
    options.toggle("histogram", histogram_,
                   "of a table: stream it in bounded memory; ranking metrics within bounds");
    options.list("by", "GROUP,...", by_, "also by night, by fleet, or by any column of a table");
    metrics_.declare(options);
    metrics_.declare_naming(options);
    options.path("prometheus", prometheus_, "write metrics for Prometheus' textfile collector");
    options.path("html", html_, "write a self-contained page with figures");
  }

  Report run(const RunContext& context) override {
    if (table_.given() && !decisions_.labels.empty())
      refuse("--labels goes with decisions, --score and --label with a table", "give one of them");
    return table_.given() ? run_table(context) : run_decisions(context);
  }

 private:
  Report run_decisions(const RunContext& context) {
    if (decisions_.labels.empty())
      refuse("it is not said what happened",
             "decisions need --labels SCENARIOS, a table --score COLUMN and --label COLUMN");
    if (histogram_) refuse("--histogram goes with a table", "leave it out for decisions");
    for (const std::string& word : by_)
      if (word != "night" && word != "fleet")
        refuse("decisions have no column " + word, "group them by night or by fleet");
    decisions_.by_fleet = std::find(by_.begin(), by_.end(), "fleet") != by_.end();
    decisions_.scores = metrics_.report(context.seed);
    decisions_.level = decisions_.scores->settings.level;
    if (decisions_.scores->threshold)
      refuse("--threshold goes with a table", "decisions were made at thresholds of their own");
    const auto report = std::make_shared<const EvaluateReport>(run_evaluate(decisions_, context));
    write_exports(*report, context);
    return {.text = to_table(*report), .json = outline_of(*report), .lists = group_lists(report)};
  }

  Report run_table(const RunContext& context) {
    if (decisions_.decisions.size() != 1) refuse("several tables are given", "evaluate one at a time");
    if (!decisions_.feedback.empty() || decisions_.as_of || !decisions_.baseline.empty())
      refuse("--feedback, --as-of and --baseline go with decisions", "leave them out for a table");
    const EvaluateTableOptions options{.input = {.path = decisions_.decisions.front(),
                                                 .columns = table_.columns(by_),
                                                 .separator = table_.separator(),
                                                 .skip_bad = table_.skip_bad},
                                       .report = metrics_.report(context.seed),
                                       .histogram = histogram_};
    const auto report = std::make_shared<const ScoreEvaluation>(run_evaluate_table(options, context));
    write_exports(*report, context, options.input.path.filename().string());
    return {.text = to_text(*report), .json = outline_of(*report), .lists = group_lists(report)};
  }

  /// Exports replace what stood there: a collector and a browser read them by name, night after night.
  template <class Evaluation, class... Title>
  void write_exports(const Evaluation& evaluation, const RunContext& context, const Title&... title) const {
    if (context.dry_run || (prometheus_.empty() && html_.empty())) return;
    const EvaluationSummary summary = summarise(evaluation, title...);
    if (!prometheus_.empty()) write_text_atomically(prometheus_, true, prometheus_text(summary));
    if (!html_.empty()) write_text_atomically(html_, true, html_page(summary));
  }

  EvaluateOptions decisions_;
  TableFlags table_;
  MetricFlags metrics_;
  std::vector<std::string> by_;
  std::filesystem::path prometheus_, html_;
  bool histogram_ = false;
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() {
  return std::make_unique<EvaluateCommand>();
}

}  // namespace npo::cli

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/cli/commands.hpp"
#include "host/cli/score_options.hpp"
#include "host/compare_run.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

class CompareCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("FIRST", decisions_.first, "a folder of decisions or of nights, or a table"));
    by_position(options.path("SECOND", decisions_.second, "the same of what it is compared with"));
    options.path("labels", decisions_.labels,
                 "of decisions: a labelled scenario file that holds their nights");
    options.time("as-of", decisions_.as_of, "of decisions: use only what was known then");
    table_.declare(options);
    options.text("second-score", "COLUMN", second_score_,
                 "of tables: the second's score, where it is called otherwise");
    options.list("by", "GROUP,...", by_, "also by night, by fleet, or by any column of a table");
    metrics_.declare(options);
    declare_threshold(options, "second-threshold", second_threshold_,
                      "of tables: the second's, where it is another");
    options.real("fdr", compare_.fdr, 1e-6, 0.5, "share of false ones among groups said to differ");
  }

  Report run(const RunContext& context) override {
    if (table_.given() == !decisions_.labels.empty())
      refuse("it is not said what happened",
             "decisions need --labels SCENARIOS, tables --score COLUMN and --label COLUMN");
    const ScoreEvaluationOptions report = metrics_.report(context.seed);
    compare_.settings = report.settings;
    compare_.metric = report.rank_by;
    const Comparison comparison = table_.given() ? compare_tables(report.threshold, context)
                                                 : compare_decisions(report.threshold, context);
    return {.text = to_text(comparison), .json = to_json(comparison)};
  }

 private:
  Comparison compare_tables(const std::optional<double>& threshold, const RunContext& context) {
    if (decisions_.as_of) refuse("--as-of goes with decisions", "leave it out for tables");
    CompareTablesOptions options;
    options.first = {.path = decisions_.first,
                     .columns = table_.columns(by_),
                     .separator = table_.separator(),
                     .skip_bad = table_.skip_bad,
                     .numbered = true};
    options.second = options.first;
    options.second.path = decisions_.second;
    if (!second_score_.empty()) options.second.columns.score = second_score_;
    options.first_threshold = threshold;
    options.second_threshold = second_threshold_ ? second_threshold_ : threshold;
    if (second_threshold_ && !threshold) refuse("--second-threshold goes with --threshold", "give both");
    options.compare = compare_;
    return run_compare_tables(options, context);
  }

  Comparison compare_decisions(const std::optional<double>& threshold, const RunContext& context) {
    if (threshold || second_threshold_)
      refuse("--threshold goes with tables", "decisions were made at thresholds of their own");
    for (const std::string& word : by_)
      if (word != "night" && word != "fleet")
        refuse("decisions have no column " + word, "group them by night or by fleet");
    decisions_.by_fleet = std::find(by_.begin(), by_.end(), "fleet") != by_.end();
    decisions_.compare = compare_;
    return run_compare_decisions(decisions_, context);
  }

  CompareDecisionsOptions decisions_;
  CompareOptions compare_;
  TableFlags table_;
  MetricFlags metrics_;
  std::string second_score_;
  std::optional<double> second_threshold_;
  std::vector<std::string> by_;
};

}  // namespace

std::unique_ptr<Command> make_compare_command() {
  return std::make_unique<CompareCommand>();
}

}  // namespace npo::cli

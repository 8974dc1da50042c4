#include "host/cli/commands.hpp"
#include "host/evaluate_run.hpp"

namespace npo::cli {
namespace {

class EvaluateCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("DECISIONS", evaluate_.decisions, "folders of decisions"));
    required(options.path("labels", evaluate_.labels, "a labelled scenario file that holds their nights"));
    options.paths("feedback", evaluate_.feedback, "answers; without them, those that the labels imply");
    options.time("as-of", evaluate_.as_of, "use only what was known then");
    options.real("level", evaluate_.level, 0.5, 0.999999, "confidence level of the intervals");
    options.choice("by", by_, {"night", "fleet"}, "fleet adds a table of fleets");
    options.text("baseline", "RULE", evaluate_.baseline,
                 "a rule to compare with: 'errors > 0 or age > 1000'");
  }
  Report run(const RunContext& context) override {
    evaluate_.by_fleet = by_ == "fleet";
    const EvaluateReport report = run_evaluate(evaluate_, context);
    return {.text = to_table(report), .json = to_json(report)};
  }

 private:
  EvaluateOptions evaluate_;
  std::string by_ = "night";
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() {
  return std::make_unique<EvaluateCommand>();
}

}  // namespace npo::cli

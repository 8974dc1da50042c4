#include <fmt/format.h>

#include "host/cli/answers_text.hpp"
#include "host/cli/commands.hpp"
#include "host/operators_run.hpp"

namespace npo::cli {
namespace {

class OperatorsCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("DECISIONS", operators_.decisions, "folders of decisions"));
    required(options.path("truth", operators_.truth, "what operators want, truth.h5"));
    required(options.path("output", operators_.output, "the feedback file to write")).letter = 'o';
    options.real("look-surfaced", operators_.look_surfaced, 0, 1, "share of surfaced decisions looked at");
    options.real("look-withheld", operators_.look_withheld, 0, 1, "share of withheld decisions looked at");
    options.real("neutral-share", operators_.neutral_share, 0, 1,
                 "share of right decisions answered neutral");
    options.real("swap", operators_.swap, 0, 1, "share of likes and overrides that are swapped");
    options.duration("answer-delay", operators_.answer_delay, "time from midnight to the answer");
  }
  Report run(const RunContext& context) override {
    const OperatorsReport report = run_operators(operators_, context);
    return {.text = fmt::format("{} decisions, {} answers\n", report.decisions, report.answers.total()) +
                    answers_text(report.answers) +
                    (context.dry_run ? fmt::format("would write {}\n", operators_.output.string()) : ""),
            .json = to_json(report)};
  }

 private:
  OperatorsOptions operators_;
};

}  // namespace

std::unique_ptr<Command> make_operators_command() {
  return std::make_unique<OperatorsCommand>();
}

}  // namespace npo::cli

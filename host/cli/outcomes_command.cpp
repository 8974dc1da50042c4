#include <fmt/format.h>

#include "host/cli/answers_text.hpp"
#include "host/cli/commands.hpp"
#include "host/outcomes_run.hpp"

namespace npo::cli {
namespace {

class OutcomesCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("DECISIONS", outcomes_.decisions, "folders of decisions"));
    required(options.path("labels", outcomes_.labels, "a labelled scenario file that holds their nights"));
    required(options.time("as-of", as_of_, "what becomes known later is unknown"));
    required(options.path("output", outcomes_.output, "the feedback file to write")).letter = 'o';
  }
  Report run(const RunContext& context) override {
    outcomes_.as_of = *as_of_;
    const OutcomesReport report = run_outcomes(outcomes_, context);
    return {.text = fmt::format("{} decisions, {} outcomes not known yet, {} events\n", report.decisions,
                                report.unknown, report.answers.total()) +
                    answers_text(report.answers) +
                    (context.dry_run ? fmt::format("would write {}\n", outcomes_.output.string()) : ""),
            .json = to_json(report)};
  }

 private:
  OutcomesOptions outcomes_;
  std::optional<UnixSeconds> as_of_;
};

}  // namespace

std::unique_ptr<Command> make_outcomes_command() {
  return std::make_unique<OutcomesCommand>();
}

}  // namespace npo::cli

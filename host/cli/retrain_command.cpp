#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/retrain_run.hpp"
#include "host/time_text.hpp"

namespace npo::cli {
namespace {

std::string text_of(const RetrainReport& report, bool dry_run) {
  std::string text = fmt::format("fitted to {} rows, {} of them positive, in {} iterations\n",
                                 report.fit.rows, report.fit.positives, report.fit.iterations);
  for (const std::string& warning : report.fit.warnings) text += "warning: " + warning + "\n";
  text += fmt::format(
      "rebased ({}) on night {}: {} scenarios, {} absent; scores move by {:.4f} on average, {:.4f} at most\n",
      name_of(report.rebase), format_time(report.night), report.rebased, report.absent, report.mean_shift,
      report.largest_shift);
  if (dry_run)
    return text + fmt::format("would write model {}, and a generation after {}\n", report.new_model_digest,
                              report.generation);
  return text + fmt::format("model {}, generation {}\n", report.new_model_digest, report.generation);
}

class RetrainCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("SCENARIOS", retrain_.scenarios, "labelled scenarios, scenarios.h5"));
    required(options.path("model", retrain_.model, "the model the state belongs to, model.json"));
    required(options.path("state", retrain_.state, "state.h5"));
    required(options.path("output", retrain_.output, "the new model to write, model.json")).letter = 'o';
    options.time("as-of", retrain_.as_of, "use only what was known then");
    options.choice("rebase", rebase_, {"shrink", "exact", "reset"},
                   "what becomes of learned corrections; without it, as the policy says");
  }
  Report run(const RunContext& context) override {
    for (const Rebase rebase : {Rebase::shrink, Rebase::exact, Rebase::reset})
      if (rebase_ == name_of(rebase)) retrain_.rebase = rebase;
    const RetrainReport report = run_retrain(retrain_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

 private:
  RetrainOptions retrain_;
  std::string rebase_;
};

}  // namespace

std::unique_ptr<Command> make_retrain_command() {
  return std::make_unique<RetrainCommand>();
}

}  // namespace npo::cli

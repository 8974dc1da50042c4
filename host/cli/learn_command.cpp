#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/learn_run.hpp"

namespace npo::cli {
namespace {

std::string loss_text(const MeanLoss& loss, const char* none) {
  return loss.answers > 0 ? fmt::format("{:.4f} over {} answers", loss.loss, loss.answers) : none;
}

std::string text_of(const LearnReport& report, bool dry_run) {
  const LearnCounts& counts = report.counts;
  std::string text = fmt::format("{} events: {} applied, {} already known, {} retracted\n", report.events,
                                 counts.applied, counts.already_known, counts.retracted);
  if (counts.nothing_to_retract)
    text += fmt::format("{} retractions of nothing\n", counts.nothing_to_retract);
  if (report.expired) text += fmt::format("{} events came too late and were left out\n", report.expired);
  if (report.after_as_of) text += fmt::format("{} events are dated later and wait\n", report.after_as_of);
  text += fmt::format("feedback loss {}, of this call {}\n", loss_text(report.after, "of no answers yet"),
                      loss_text(report.call, "no new answers"));
  for (const FleetReading& reading : report.fleets) {
    if (reading.alarm)
      text += fmt::format("alarm: fleet {} has loss {:.4f} above {:.4f}{}\n", reading.fleet, reading.loss,
                          reading.line, reading.retrain ? ", retrain" : "");
    for (const Signature signature : reading.signatures)
      text += fmt::format("fleet {}: {}\n", reading.fleet, describe(signature));
  }
  if (!report.changed) return text + "nothing changed\n";
  return text + fmt::format("{}generation {}, {} scenarios in the state\n", dry_run ? "would write " : "",
                            report.generation, report.scenarios);
}

class LearnCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("FEEDBACK", learn_.feedback, "feedback.h5"));
    required(
        options.paths("decisions", learn_.decisions, "the folders of decisions that the feedback answers"));
    required(options.path("state", learn_.state, "state.h5"));
    options.toggle("new-state", learn_.new_state, "make the state when it is missing");
    options.toggle("next-round", learn_.next_round, "advance the round even when there is nothing to learn");
    options.time("as-of", learn_.as_of, "leave later events for another call");
  }
  Report run(const RunContext& context) override {
    const LearnReport report = run_learn(learn_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

 private:
  LearnOptions learn_;
};

}  // namespace

std::unique_ptr<Command> make_learn_command() {
  return std::make_unique<LearnCommand>();
}

}  // namespace npo::cli

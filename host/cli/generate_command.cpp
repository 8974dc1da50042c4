#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/generate_run.hpp"

namespace npo::cli {
namespace {

std::string text_of(const GenerateReport& report, bool dry_run) {
  std::string text =
      fmt::format("{} scenarios with {} features in {} fleets, {} nights: {} rows\n", report.scenarios,
                  report.features, report.fleets, report.nights, report.rows);
  if (dry_run)
    return text + fmt::format("nothing was written (dry run); about {} bytes uncompressed\n", report.bytes);
  const double rows = static_cast<double>(report.rows);
  text +=
      fmt::format("  events in {:.2f} % of the rows\n", 100.0 * static_cast<double>(report.label_yes) / rows);
  text += fmt::format("wrote {}: {} bytes in {:.1f} s\n", report.output, report.bytes, report.seconds);
  return text + fmt::format("next: npo nightly {}/night.toml\n", report.output);
}

class GenerateCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    required(options.path("output", generate_.output, "folder to make")).letter = 'o';
    options.count("scenarios", generate_.scenarios, 1, "scenarios in every night", 0xffffffffu);
    options.count("features", generate_.world.features, 1, "features", 4096);
    options.count("fleets", generate_.world.fleets, 1, "fleets", std::uint64_t{1} << 20);
    options.count("nights", generate_.nights, 1, "nights", 100000);
    options.time("first-night", first_night_, "day of the first night (default 2026-01-01)");
    options.duration("label-horizon", generate_.label_horizon, "time until a night's outcome is known");
    options.choice("truth", truth_, {"logistic", "deterministic"},
                   "events by chance, or certain for each scenario");
    options.real("base-rate", generate_.world.base_rate, 0.0, 1.0, "mean probability of the event");
    options.real("signal", generate_.world.signal, 0.0, 100.0, "how much the features say, in log-odds");
    options.real("hidden", generate_.world.hidden, 0.0, 100.0, "how much nothing in the file says");
    options.real("fleet-spread", generate_.world.fleet_spread, 0.0, 100.0, "how much fleets differ");
    options.real("walk-step", generate_.world.walk_step, 0.0, 100.0, "how far a feature moves in a night");
    options.real("drift", generate_.world.drift, 0.0, 1.0,
                 "share of scenarios whose truth is redrawn each night");
    options.real("model-error", generate_.world.model_error, 0.0, 100.0,
                 "relative error of the model's weights");
  }

  Report run(const RunContext& context) override {
    if (first_night_) generate_.first_night = *first_night_;
    if (truth_ == "deterministic") generate_.world.truth = SyntheticTruth::deterministic;
    const GenerateReport report = generate(generate_, context);
    return {.text = text_of(report, context.dry_run), .json = to_json(report)};
  }

 private:
  GenerateOptions generate_;
  std::optional<UnixSeconds> first_night_;
  std::string truth_ = "logistic";
};

}  // namespace

std::unique_ptr<Command> make_generate_command() {
  return std::make_unique<GenerateCommand>();
}

}  // namespace npo::cli

#include "host/cli/commands.hpp"
#include "host/show_run.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

class ShowCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("DECISIONS", show_.decisions, "a decision folder"));
    options.toggle("surfaced", surfaced_, "decisions to act on (what is shown without a choice)");
    options.toggle("blocked", blocked_, "decisions that a guardrail blocked");
    options.toggle("withheld", withheld_, "decisions below their threshold");
    options.count("top", show_.top, 1, "how many, the highest scores first", 1'000'000);
    options.text("fleet", "NAME", show_.fleet, "only this fleet");
    options.count("features", show_.features, 0,
                  "features shown for each decision, the largest contributions first", 4096);
    options.path("scenarios", show_.scenarios, "the scenario file; without it, the one that run.json names");
    options.toggle("csv", csv_, "print comma-separated values");
  }
  Report run(const RunContext& context) override {
    if (surfaced_ + blocked_ + withheld_ > 1)
      throw Error(ErrorKind::usage, "--surfaced, --blocked and --withheld exclude each other",
                  "give one of them");
    if (blocked_) show_.decision = Decision::blocked;
    if (withheld_) show_.decision = Decision::withheld;
    const ShowReport report = run_show(show_, context);
    return {.text = csv_ ? to_csv(report) : to_table(report), .json = to_json(report)};
  }

 private:
  ShowOptions show_;
  bool surfaced_ = false, blocked_ = false, withheld_ = false, csv_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show_command() {
  return std::make_unique<ShowCommand>();
}

}  // namespace npo::cli

#include <fmt/format.h>

#include <algorithm>

#include "host/cli/commands.hpp"
#include "host/score_run.hpp"
#include "host/time_text.hpp"

namespace npo::cli {
namespace {

/// The fleets with the most to act on, most first; a person reads the first few.
std::string fleet_table(const ScoreReport& report, std::size_t most) {
  std::vector<const FleetDecisions*> order;
  for (const FleetDecisions& fleet : report.fleets)
    if (fleet.surfaced + fleet.withheld + fleet.blocked > 0) order.push_back(&fleet);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->surfaced > b->surfaced; });
  std::string text = fmt::format("  {:<28} {:>9} {:>10} {:>10} {:>10}\n", "fleet", "threshold", "surfaced",
                                 "withheld", "blocked");
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i)
    text += fmt::format("  {:<28} {:>9} {:>10} {:>10} {:>10}\n", order[i]->name,
                        order[i]->threshold ? fmt::format("{:.2f}", *order[i]->threshold) : "by row",
                        order[i]->surfaced, order[i]->withheld, order[i]->blocked);
  if (order.size() > most)
    text += fmt::format("  ... and {} more fleets (--json has all)\n", order.size() - most);
  return text;
}

std::string text_of(const ScoreReport& report, const ScoreOptions& options, bool dry_run) {
  std::string text =
      fmt::format("night of {}: {} scenarios, {} surfaced, {} withheld, {} blocked\n",
                  format_time(report.night), report.rows, report.surfaced, report.withheld, report.blocked);
  text += fmt::format("  {} carried a learned correction, {} in the state were absent tonight\n",
                      report.known, report.absent);
  if (options.alert_budget)
    text += fmt::format("  {} more were withheld by the alert budget of {}\n", report.over_budget,
                        *options.alert_budget);
  for (const auto& [rule, hits] : report.rule_hits)
    if (hits > 0) text += fmt::format("  blocked by \"{}\": {}\n", rule, hits);
  text += fleet_table(report, 20);
  text += dry_run ? "nothing was written (dry run)\n"
                  : fmt::format("run {} in {} ({:.1f} s)\n", report.run_id, options.output.string(),
                                report.seconds);
  return text;
}

class ScoreCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("SCENARIOS", score_.scenarios, "scenarios.h5"));
    required(options.path("model", score_.model, "model.json"));
    required(options.path("state", score_.state, "state.h5, what the loop has learned"));
    required(options.path("policy", score_.policy, "policy.toml"));
    options.time("night", score_.night, "the night to score (default: the file's last)");
    Option& output = required(options.path("output", score_.output, "folder of decisions"));
    output.letter = 'o';
    options.count("alert-budget", budget_, 0, "surface at most N rows, the highest scores first");
    options.toggle("new-state", score_.new_state, "make an empty state where there is none");
  }
  Report run(const RunContext& context) override {
    if (budget_) score_.alert_budget = static_cast<std::int64_t>(*budget_);
    const ScoreReport report = run_score(score_, context);
    return {.text = text_of(report, score_, context.dry_run), .json = to_json(report)};
  }

 private:
  ScoreOptions score_;
  std::optional<std::uint64_t> budget_;
};

}  // namespace

std::unique_ptr<Command> make_score_command() {
  return std::make_unique<ScoreCommand>();
}

}  // namespace npo::cli

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/cli/commands.hpp"
#include "host/state_run.hpp"

namespace npo::cli {
namespace {

constexpr const char* state_help = "the state, state.h5";

class StateInitCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("STATE", init_.state, "the state to make, state.h5"));
    required(options.path("policy", init_.policy, "the policy it runs under, policy.toml"));
    options.path("model", init_.model,
                 "the model it belongs to; without it, that of the first run that it learns from");
  }
  Report run(const RunContext& context) override {
    run_state_init(init_, context);
    const std::string state = init_.state.string();
    return {.text = fmt::format("{} {}\n", context.dry_run ? "would make" : "made", state),
            .json = {{"state", state}, {"dry_run", context.dry_run}}};
  }

 private:
  StateInitOptions init_;
};

class StateListCommand final : public Command {
 public:
  void declare(OptionSet& options) override { by_position(options.path("STATE", state_, state_help)); }
  Report run(const RunContext&) override {
    const StateList list = run_state_list(state_);
    Report report{.json = {{"current", nullptr}, {"kept", list.kept}}};
    if (list.current) report.json["current"] = *list.current;
    for (const std::uint64_t generation : list.kept)
      report.text +=
          fmt::format("generation {}{}\n", generation, generation == list.current ? " (current)" : "");
    if (!list.current) report.text += "the current generation is damaged; go back with npo state rollback\n";
    return report;
  }

 private:
  std::filesystem::path state_;
};

class StateRollbackCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("STATE", state_, state_help));
    options.count("generation", generation_, 0, "the generation to go back to; without it, the one before");
  }
  Report run(const RunContext& context) override {
    const std::uint64_t now = run_state_rollback(state_, generation_, context);
    return {.text = fmt::format("generation {} {} in force\n", now, context.dry_run ? "would be" : "is"),
            .json = {{"current", now}, {"dry_run", context.dry_run}}};
  }

 private:
  std::filesystem::path state_;
  std::optional<std::uint64_t> generation_;
};

class StateAdoptPolicyCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("STATE", state_, state_help));
    required(options.path("policy", policy_, "the policy to run under from now on, policy.toml"));
  }
  Report run(const RunContext& context) override {
    const AdoptReport adopted = run_adopt_policy(state_, policy_, context);
    Report report{.json = {{"changed", adopted.changed},
                           {"changes", adopted.changes},
                           {"generation", adopted.generation},
                           {"dry_run", context.dry_run}}};
    for (const std::string& change : adopted.changes) report.text += change + "\n";
    report.text += adopted.changed ? fmt::format("generation {}\n", adopted.generation)
                                   : "the state already runs under this policy\n";
    return report;
  }

 private:
  std::filesystem::path state_, policy_;
};

}  // namespace

std::unique_ptr<Command> make_state_init_command() {
  return std::make_unique<StateInitCommand>();
}
std::unique_ptr<Command> make_state_list_command() {
  return std::make_unique<StateListCommand>();
}
std::unique_ptr<Command> make_state_rollback_command() {
  return std::make_unique<StateRollbackCommand>();
}
std::unique_ptr<Command> make_state_adopt_policy_command() {
  return std::make_unique<StateAdoptPolicyCommand>();
}

}  // namespace npo::cli

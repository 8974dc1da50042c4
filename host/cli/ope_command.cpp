#include <charconv>

#include "host/cli/commands.hpp"
#include "host/ope_run.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

class OpeCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("LOG", ope_.logs, "a log.h5, or folders of decisions"));
    declare_target(options);
    options.paths("feedback", ope_.decisions.feedback, "answers to the decisions");
    options.choice("action", action_, {"decision", "arm"},
                   "decisions: what the policy does, surface or draw an arm");
    options.choice("unanswered", unanswered_, {"leave-out", "zero"}, "decisions: those that nobody answered");
    declare_reward_model(options);
    options.choice("tune", tune_, {"slope", "mse"}, "how clip, switch and shrinkage are chosen");
    options.custom({.name = "clip",
                    .meta = "W",
                    .help = "weights above W count as W in clipped estimators and in the gate",
                    .assign = [this](const auto& values) { ope_.clip = positive(values.front()); },
                    .value = [this] { return ope_.clip ? nlohmann::json(*ope_.clip) : nlohmann::json(); }});
    options.real("min-ess", ope_.gate.min_ess, 0.0, 1e18,
                 "effective rows or clusters below which the log cannot answer");
    options.real("level", ope_.level, 0.5, 0.999999, "confidence level of the intervals");
    options.count("bootstrap", ope_.replicates, 0, "replicates of the bootstrap; 0: none", 10000);
    options.path("html", ope_.html, "write a page with the estimates and the weights");
  }

  Report run(const RunContext& context) override {
    ope_.decisions.arms = action_ == "arm";
    ope_.decisions.unanswered_is_zero = unanswered_ == "zero";
    ope_.tuning = tune_ == "mse" ? OpeTuning::mse : OpeTuning::slope;
    const OpeReport report = run_ope(ope_, context);
    return {.text = to_table(report),
            .json = to_json(report),
            .exit_code = report.faults.empty() ? 0 : static_cast<int>(ErrorKind::gate)};
  }

 private:
  void declare_target(OptionSet& options) {
    TargetChoice& target = ope_.target;
    required(options.text(
        "policy", "POLICY", target.policy,
        "uniform, fixed:ACTION, threshold:T, thompson:FILE, epsilon-greedy:WHAT or column:NAME"));
    options.text("table", "KEY", target.table, "thompson: which of the tables in FILE");
    options.real("epsilon", target.epsilon, 0.0, 1.0, "epsilon-greedy: share of uniform draws");
    options.text("score", "COLUMN", target.score, "threshold: the column it looks at");
  }

  void declare_reward_model(OptionSet& options) {
    RewardModelOptions& model = ope_.reward_model;
    options.text("reward-model", "MODEL", model.model,
                 "auto, logistic, linear, none, or columns of estimated rewards such as 'q_*'");
    options.choice("model-actions", model.actions, {"auto", "one-hot", "each"},
                   "how actions enter the reward model: as indicators, or each has a model");
    options.count("folds", model.folds, 2, "folds of the cross-fitting", 100);
    options.real("ridge", model.ridge, 1e-9, 1e9, "penalty of the reward model");
  }

  static double positive(const std::string& text) {
    double value = 0.0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || !(value > 0.0 && value < 1e18))
      throw Error(ErrorKind::usage, "= " + text + " is not a number above 0",
                  "clip weights at for example 10");
    return value;
  }

  OpeOptions ope_;
  std::string action_ = "decision", unanswered_ = "leave-out", tune_ = "slope";
};

}  // namespace

std::unique_ptr<Command> make_ope_command() {
  return std::make_unique<OpeCommand>();
}

}  // namespace npo::cli

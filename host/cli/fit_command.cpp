#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/cli/commands.hpp"
#include "host/fit_run.hpp"

namespace npo::cli {
namespace {

std::string text_of(const FitReport& fit, const std::string& output, bool dry_run) {
  std::string text = fmt::format("{} rows, {} of them positive\n", fit.rows, fit.positives);
  text += fmt::format("{} after {} iterations, deviance {:.6g} of {:.6g}\n",
                      fit.converged ? "converged" : "not converged", fit.iterations, fit.deviance,
                      fit.null_deviance);
  if (!fit.constant_features.empty())
    text += fmt::format("constant features, weight 0: {}\n", fmt::join(fit.constant_features, ", "));
  for (const std::string& warning : fit.warnings) text += "warning: " + warning + "\n";
  return text + fmt::format("{}{}  {}\n", dry_run ? "would write " : "", fit.model_digest, output);
}

class FitCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("SCENARIOS", fit_.scenarios, "labelled scenarios, scenarios.h5"));
    required(options.path("output", fit_.output, "the model to write, model.json")).letter = 'o';
    options.time("as-of", fit_.as_of, "use only what was known then");
    options.list("features", "A,B,C", fit_.settings.features, "features that enter; without it, all");
    options.list("transform", "A=log1p,...", transforms_, "transforms of features: log1p, sqrt, positive");
    options.real("alpha", fit_.settings.alpha, 0, 1e12, "ridge penalty on standardised weights");
    options.choice("class-weight", class_weight_, {"balanced", "none"}, "how rows of the two classes count");
    options.count("max-iterations", fit_.settings.max_iterations, 1, "iterations at most", 100000);
    options.real("tolerance", fit_.settings.tolerance, 0, 1, "gradient at which to stop, relative");
  }
  Report run(const RunContext& context) override {
    fit_.settings.transforms = parse_transforms(transforms_);
    fit_.settings.class_weight = class_weight_from(class_weight_);
    const FitReport report = run_fit(fit_, context);
    return {.text = text_of(report, fit_.output.string(), context.dry_run), .json = to_json(report)};
  }

 private:
  FitOptions fit_;
  std::vector<std::string> transforms_;
  std::string class_weight_ = "balanced";
};

}  // namespace

std::unique_ptr<Command> make_fit_command() {
  return std::make_unique<FitCommand>();
}

}  // namespace npo::cli

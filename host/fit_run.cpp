#include "host/fit_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/labelled_rows.hpp"
#include "host/time_text.hpp"
#include "io/atomic_file.hpp"
#include "io/closest_name.hpp"
#include "io/version.hpp"
#include "kernels/error.hpp"
#include "kernels/irls.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;
using Columns = std::vector<irls::DesignColumn>;

void check_settings(const FitSettings& settings) {
  const auto require = [](bool fine, const char* problem, const char* remedy) {
    if (!fine) throw Error(ErrorKind::usage, problem, remedy);
  };
  require(std::isfinite(settings.alpha) && settings.alpha >= 0.0, "alpha must be a number of at least 0",
          "the default is 1");
  require(settings.max_iterations >= 1, "max-iterations must be at least 1", "the default is 100");
  require(settings.tolerance > 0.0 && settings.tolerance < 1.0, "tolerance must lie between 0 and 1",
          "the default is 1e-12");
}

std::uint32_t column_of(const std::string& name, const ScenarioFile& file) {
  const auto& names = file.header().features;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error(ErrorKind::usage, fmt::format("{}: there is no feature `{}`", file.path().string(), name),
                suggest_name(name, names, fmt::format("there are {}", fmt::join(names, ", "))));
  return static_cast<std::uint32_t>(found - names.begin());
}

/// The columns that enter the fit, in the order of the file.
Columns chosen_columns(const FitSettings& settings, const ScenarioFile& file) {
  std::vector<Transform> transforms(file.dim(), Transform::none);
  for (const auto& [name, transform] : settings.transforms) transforms[column_of(name, file)] = transform;
  std::vector<bool> chosen(file.dim(), settings.features.empty());
  for (const std::string& name : settings.features) chosen[column_of(name, file)] = true;
  for (const auto& [name, transform] : settings.transforms)
    if (!chosen[column_of(name, file)])
      throw Error(ErrorKind::usage,
                  fmt::format("feature `{}` has a transform but is not among --features", name),
                  "add it there or drop its transform");
  Columns columns;
  for (std::uint32_t c = 0; c < file.dim(); ++c)
    if (chosen[c]) columns.push_back({.column = c, .transform = transforms[c]});
  return columns;
}

void require_both_classes(const irls::TableMoments& moments, const LabelledRows& rows,
                          const ScenarioFile& file, std::optional<UnixSeconds> as_of) {
  const auto fail = [&](const std::string& problem, const std::string& remedy) {
    throw Error(ErrorKind::bad_data, fmt::format("{}: {}", file.path().string(), problem), remedy);
  };
  if (moments.bad)
    fail(fmt::format(
             "scenarios/features: row {} has a value of `{}` that is not finite, or has no finite transform",
             moments.bad->row, file.header().features[moments.bad->column]),
         "mend the row, or leave the feature out with --features");
  if (moments.rows == 0 && rows.first_known())
    fail(fmt::format("no label was known by {}", as_of ? format_time(*as_of) : "the last night"),
         fmt::format("the first one became known at {}: give a later --as-of",
                     format_time(*rows.first_known())));
  if (moments.rows == 0)
    fail("every label is unknown", "import it with a shorter --label-horizon, or more nights");
  if (moments.positives == 0 || moments.positives == moments.rows)
    fail(fmt::format("all {} known labels are {}", moments.rows, moments.positives == 0 ? "0" : "1"),
         "both classes are needed: give a later --as-of or more data");
}

irls::Penalty penalty_of(const FitSettings& settings, const irls::TableMoments& moments) {
  irls::Penalty penalty{.alpha = settings.alpha, .class_weight = {1.0, 1.0}};
  if (settings.class_weight == ClassWeight::none) return penalty;
  const auto rows = static_cast<double>(moments.rows), positives = static_cast<double>(moments.positives);
  penalty.class_weight[0] = rows / (2.0 * (rows - positives));
  penalty.class_weight[1] = rows / (2.0 * positives);
  return penalty;
}

/// Leaves out the columns that hold one value; their names go to `constant`.
Columns varying_columns(const Columns& columns, const irls::TableMoments& moments, const ScenarioFile& file,
                        std::vector<std::string>& constant) {
  Columns varying;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (moments.constant[c])
      constant.push_back(file.header().features[columns[c].column]);
    else
      varying.push_back(columns[c]);
  return varying;
}

void interpret_ending(const irls::Fit& fit, const Columns& columns, const FitSettings& settings,
                      const ScenarioFile& file, FitReport& report) {
  report.converged = fit.ending == irls::Ending::converged;
  report.separated = fit.ending == irls::Ending::separated;
  if (fit.ending == irls::Ending::collinear)
    throw Error(
        ErrorKind::bad_data,
        fmt::format("{}: feature `{}` is a combination of the features before it", file.path().string(),
                    file.header().features[columns[fit.collinear_column].column]),
        "leave it out with --features, or raise --alpha (1 is the default)");
  if (report.separated)
    report.warnings.push_back(
        "the features separate the classes, so that without a penalty some weights grow for ever; the model "
        "is where "
        "the fit stopped: use --alpha 1");
  if (fit.ending == irls::Ending::iterations)
    report.warnings.push_back(fmt::format(
        "the fit did not converge in {} iterations (gradient {:.3g}): raise --max-iterations or --alpha",
        settings.max_iterations, fit.gradient));
  if (fit.ending == irls::Ending::stalled)
    report.warnings.push_back(fmt::format(
        "the fit stalled at a gradient of {:.3g}: give skewed features a --transform or raise --alpha",
        fit.gradient));
}

LogisticModel model_of(const irls::Fit& fit, const Columns& all, const Columns& varying,
                       const ScenarioFile& file) {
  LogisticModel model;
  for (const std::string& name : file.header().features) model.features.push_back({.name = name});
  for (const irls::DesignColumn& column : all) {
    ModelFeature& feature = model.features[column.column];
    feature.transform = column.transform;
    feature.mean = column.mean;
    feature.scale = column.scale;
  }
  for (std::size_t c = 0; c < varying.size(); ++c) model.features[varying[c].column].weight = fit.weights[c];
  model.intercept = fit.intercept;
  return model;
}

Json story_of(const FitReport& report, const FitSettings& settings, const Columns& columns,
              const ScenarioFile& file, std::optional<UnixSeconds> as_of) {
  Json names = Json::array();
  for (const irls::DesignColumn& column : columns) names.push_back(file.header().features[column.column]);
  Json story = to_json(report);
  for (const char* circumstance : {"seconds", "model_digest"}) story.erase(circumstance);
  story["alpha"] = settings.alpha;
  story["class_weight"] = name_of(settings.class_weight);
  story["max_iterations"] = settings.max_iterations;
  story["tolerance"] = settings.tolerance;
  story["features"] = names;
  story["as_of"] = as_of ? Json(*as_of) : Json(nullptr);
  story["scenarios"] = file.path().filename().string();
  story["scenarios_header"] = to_hex(file.header_digest());
  story["npo_version"] = program_version();
  story["numeric_contract"] = numeric_contract_version;
  return story;
}

}  // namespace

FittedModel fit_model(const ScenarioFile& scenarios, const FitSettings& settings,
                      std::optional<UnixSeconds> as_of, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  check_settings(settings);
  Columns columns = chosen_columns(settings, scenarios);
  const irls::ParallelFor parallel = [&](std::size_t count, const std::function<void(std::size_t)>& work) {
    context.check_stop();
    parallel_for(context.threads, count, work);
  };
  context.report().begin("fit", static_cast<std::uint64_t>(settings.max_iterations), "iterations");
  const LabelledRows rows(scenarios, as_of, context);
  const auto moments = irls::measure_columns(rows, columns, parallel);
  require_both_classes(moments, rows, scenarios, as_of);

  FittedModel fitted;
  FitReport& report = fitted.report;
  const Columns varying = varying_columns(columns, moments, scenarios, report.constant_features);
  const irls::FitSettings newton{.penalty = penalty_of(settings, moments),
                                 .max_iterations = settings.max_iterations,
                                 .tolerance = settings.tolerance};
  const auto fit = irls::fit_logistic(rows, varying, moments.rows, moments.positives, newton, parallel,
                                      [&](int) { context.report().advance(1); });
  report.rows = moments.rows;
  report.positives = moments.positives;
  report.iterations = fit.iterations;
  report.halvings = fit.halvings;
  report.deviance = fit.deviance;
  report.null_deviance = fit.null_deviance;
  report.gradient = fit.gradient;
  interpret_ending(fit, varying, settings, scenarios, report);
  fitted.model = model_of(fit, columns, varying, scenarios);
  fitted.model.fit_json = story_of(report, settings, columns, scenarios, as_of).dump();
  report.model_digest = to_hex(npo::model_digest(fitted.model));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  context.report().end();
  for (const std::string& warning : report.warnings) context.report().note(warning);
  for (const std::string& name : report.constant_features)
    context.report().note(fmt::format("feature `{}` has one value in all rows: its weight is 0", name));
  return fitted;
}

FitReport run_fit(const FitOptions& options, const RunContext& context) {
  if (!context.dry_run) refuse_existing(options.output, context.overwrite);
  const ScenarioFile scenarios(options.scenarios);
  const FittedModel fitted = fit_model(scenarios, options.settings, options.as_of, context);
  if (!context.dry_run) write_model(options.output, fitted.model, context.overwrite);
  return fitted.report;
}

Json to_json(const FitReport& report) {
  return {{"rows", report.rows},
          {"positives", report.positives},
          {"iterations", report.iterations},
          {"halvings", report.halvings},
          {"deviance", report.deviance},
          {"null_deviance", report.null_deviance},
          {"gradient", report.gradient},
          {"converged", report.converged},
          {"separated", report.separated},
          {"constant_features", report.constant_features},
          {"warnings", report.warnings},
          {"model_digest", report.model_digest},
          {"seconds", report.seconds}};
}

}  // namespace npo

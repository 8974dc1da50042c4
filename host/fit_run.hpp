#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/run_context.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "kernels/vocabulary.hpp"

/// `npo fit`: a logistic model by penalised maximum likelihood (IRLS) from the labels of a scenario file.
namespace npo {

/// How much a row counts: `balanced` n / (2 n_c) for a row of class c, so that both classes weigh the same;
/// `none` 1.
enum class ClassWeight { balanced, none };
std::string_view name_of(ClassWeight weight);
ClassWeight class_weight_from(std::string_view name);  ///< Error(usage) lists the known ones

/// What decides a fit besides the rows. The penalty is alpha/2 |beta|^2 over weights of standardised
/// features, on the summed (not mean) log-likelihood; the intercept is free.
struct FitSettings {
  std::vector<std::pair<std::string, Transform>> transforms;  ///< by feature; the others enter as they are
  std::vector<std::string> features;                          ///< those that enter; empty: all
  double alpha = 1.0;
  ClassWeight class_weight = ClassWeight::balanced;
  int max_iterations = 100;
  double tolerance = 1e-12;  ///< largest |gradient entry|, as a share of the summed class weights
};

/// `A=log1p` pairs as given on a command line; Error(usage) names the one that is none.
std::vector<std::pair<std::string, Transform>> parse_transforms(const std::vector<std::string>& pairs);

struct FitOptions {
  std::filesystem::path scenarios, output;
  std::optional<UnixSeconds>
      as_of;  ///< rows of nights up to it whose label was known by it; absent: all known labels
  FitSettings settings;
};

struct FitReport {
  std::uint64_t rows = 0, positives = 0;
  int iterations = 0, halvings = 0;
  double deviance = 0.0, null_deviance = 0.0;  ///< class weights included
  double gradient = 0.0;                       ///< largest |entry| at the end
  bool converged = false, separated = false;
  std::vector<std::string> constant_features;  ///< one value in all rows: weight 0
  std::vector<std::string> warnings;           ///< sentences for a person
  std::string model_digest;
  double seconds = 0.0;
};
nlohmann::json to_json(const FitReport& report);

struct FittedModel {
  LogisticModel model;
  FitReport report;
};

/// Fits without writing. Errors: usage for an unknown feature (with the nearest known one) or a setting out
/// of range; bad_data when no label is known by `as_of`, when one class is missing, for a value that is not
/// finite (with its row), and for collinear features without a penalty.
FittedModel fit_model(const ScenarioFile& scenarios, const FitSettings& settings,
                      std::optional<UnixSeconds> as_of, const RunContext& context);

/// fit_model, then writes the model; with `context.dry_run` nothing is written.
FitReport run_fit(const FitOptions& options, const RunContext& context);

/// The settings a model was fitted with, from its features and fit_json; Error(bad_data) when it was not made
/// by a fit.
FitSettings settings_of(const LogisticModel& model, const std::string& origin);

}  // namespace npo

#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "io/digest.hpp"
#include "kernels/score_plan.hpp"

/// model.json, format "npo.model" (docs/formats/model.md).
namespace npo {

inline constexpr int model_format_version = 1;

/// One feature of a logistic model: x' = (transform(x) - mean) / scale enters with `weight`.
struct ModelFeature {
  std::string name;
  Transform transform = Transform::none;
  double mean = 0.0, scale = 1.0;
  double weight = 0.0;  ///< of the standardised feature; 0 for a column the fit left out
};

struct LogisticModel {
  std::vector<ModelFeature> features;  ///< every column of the scenario files it may meet, in training order
  double intercept = 0.0;
  std::string fit_json =
      "{}";  ///< how it was made: rows, class weights, ridge, deviance, iterations, separation
};

LogisticModel read_model(const std::filesystem::path& path);
void write_model(const std::filesystem::path& path, const LogisticModel& model, bool overwrite);
std::string model_to_json(const LogisticModel& model);  ///< canonical text
LogisticModel model_from_json(const std::string& text, const std::string& origin);
Digest model_digest(const LogisticModel& model);  ///< of what decides scores, not of fit_json

/// The model laid out in the column order of a scenario file, standardisation folded into float32 weights and
/// bias. Error(bad_data) names a column that is missing in the file, or in the model (with the nearest known
/// name).
struct PlannedModel {
  std::vector<float> weights;
  std::vector<Transform> transforms;  ///< empty when none is transformed
  float bias;
};
PlannedModel plan_model(const LogisticModel& model, const std::vector<std::string>& columns,
                        const std::string& file);

std::string_view name_of(Transform transform);
Transform transform_from(std::string_view name);  ///< Error(usage) lists the known ones

}  // namespace npo

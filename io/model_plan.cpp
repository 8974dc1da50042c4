#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>

#include "io/closest_name.hpp"
#include "io/model_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::vector<std::string> names_of(const LogisticModel& model) {
  std::vector<std::string> names;
  for (const ModelFeature& feature : model.features) names.push_back(feature.name);
  return names;
}

/// Every one of `wanted` must be in `present`; a missing one is blamed on the nearest name that has no
/// partner either.
void require_all(std::vector<std::string> wanted, std::vector<std::string> present,
                 const std::string& problem, const std::string& remedy) {
  std::sort(wanted.begin(), wanted.end());
  std::sort(present.begin(), present.end());
  std::vector<std::string> missing, spare;
  std::set_difference(wanted.begin(), wanted.end(), present.begin(), present.end(),
                      std::back_inserter(missing));
  std::set_difference(present.begin(), present.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(spare));
  if (missing.empty()) return;
  throw Error(ErrorKind::bad_data, fmt::format(fmt::runtime(problem), missing.front()),
              suggest_name(missing.front(), spare, remedy));
}

float to_float(double value, const std::string& what) {
  const auto narrowed = static_cast<float>(value);
  if (!std::isfinite(narrowed))
    throw Error(ErrorKind::bad_data, fmt::format("{} of the model does not fit a float32 ({})", what, value),
                "fit the model again with a transform or a larger --alpha");
  return narrowed;
}

}  // namespace

PlannedModel plan_model(const LogisticModel& model, const std::vector<std::string>& columns,
                        const std::string& file) {
  const auto names = names_of(model);
  require_all(names, columns, file + ": column `{}` of the model is missing",
              "score with the model of this file's columns, or import the column");
  require_all(columns, names, file + ": column `{}` is not in the model",
              "fit the model on a file with these columns, or leave the column out on import");

  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!place.emplace(columns[i], i).second)
      throw Error(ErrorKind::bad_data, fmt::format("{}: column `{}` occurs twice", file, columns[i]));

  PlannedModel plan;
  plan.weights.resize(columns.size());
  plan.transforms.assign(columns.size(), Transform::none);
  double bias =
      model.intercept;  // summed in training order, so that the order of the file's columns does not matter
  for (const ModelFeature& feature : model.features) {
    const std::size_t column = place.at(feature.name);
    const double slope = feature.weight / feature.scale;
    plan.weights[column] = to_float(slope, fmt::format("weight of feature `{}`", feature.name));
    plan.transforms[column] = feature.transform;
    bias -= slope * feature.mean;
  }
  plan.bias = to_float(bias, "intercept");
  const auto transformed = [](Transform transform) { return transform != Transform::none; };
  if (std::none_of(plan.transforms.begin(), plan.transforms.end(), transformed)) plan.transforms.clear();
  return plan;
}

}  // namespace npo

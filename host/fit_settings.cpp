#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/fit_run.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"

namespace npo {

std::string_view name_of(ClassWeight weight) {
  return weight == ClassWeight::balanced ? "balanced" : "none";
}

ClassWeight class_weight_from(std::string_view name) {
  if (name == "balanced") return ClassWeight::balanced;
  if (name == "none") return ClassWeight::none;
  throw Error(ErrorKind::usage, fmt::format("unknown class weight `{}`", name), "known are balanced, none");
}

std::vector<std::pair<std::string, Transform>> parse_transforms(const std::vector<std::string>& pairs) {
  std::vector<std::pair<std::string, Transform>> transforms;
  for (const std::string& pair : pairs) {
    const auto equals = pair.rfind('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorKind::usage, fmt::format("`{}` is no transform", pair),
                  "write FEATURE=log1p, FEATURE=sqrt, FEATURE=positive or FEATURE=none");
    transforms.emplace_back(pair.substr(0, equals),
                            transform_from(std::string_view(pair).substr(equals + 1)));
  }
  return transforms;
}

FitSettings settings_of(const LogisticModel& model, const std::string& origin) {
  const std::string where = origin + ": fit";
  const nlohmann::json fit = strict_json::parse(model.fit_json, where);
  FitSettings settings;
  try {
    settings.alpha = strict_json::finite_number(fit, "alpha", where);
    settings.class_weight = class_weight_from(strict_json::text(fit, "class_weight", where));
    settings.max_iterations = static_cast<int>(strict_json::integer(fit, "max_iterations", where));
    settings.tolerance = strict_json::finite_number(fit, "tolerance", where);
    for (const auto& name : fit.at("features")) settings.features.push_back(name.get<std::string>());
  } catch (const std::exception& missing) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} ({})", missing.what(), "the settings of a fit are needed"),
                "only models made by `npo fit` can be refitted");
  }
  for (const ModelFeature& feature : model.features)
    if (feature.transform != Transform::none)
      settings.transforms.emplace_back(feature.name, feature.transform);
  return settings;
}

}  // namespace npo

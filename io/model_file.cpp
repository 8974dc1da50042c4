#include "io/model_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

#include "io/atomic_file.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> transform_names{"none", "log1p", "sqrt", "positive"};

[[noreturn]] void fail(const std::string& where, const std::string& problem, const std::string& remedy = {}) {
  throw Error(ErrorKind::bad_data, where + ": " + problem, remedy);
}

void check_format(const Json& root, const std::string& origin) {
  if (const auto format = strict_json::text(root, "format", origin); format != "npo.model")
    fail(origin, fmt::format("format is `{}`, not `npo.model`", format),
         "give a model file made by `npo fit`");
  if (const auto version = strict_json::integer(root, "format_version", origin);
      version != model_format_version)
    fail(origin, fmt::format("format_version is {}, this program reads {}", version, model_format_version),
         "fit the model again with this version of npo");
  if (const auto kind = strict_json::text(root, "kind", origin); kind != "logistic")
    fail(origin, fmt::format("kind is `{}`; only `logistic` is known", kind));
}

ModelFeature feature_from_json(const Json& json, const std::string& where) {
  strict_json::require_keys(json, {"name", "transform", "mean", "scale", "weight"}, where);
  ModelFeature feature;
  feature.name = strict_json::text(json, "name", where);
  try {
    feature.transform = transform_from(strict_json::text(json, "transform", where));
  } catch (const Error& unknown) {
    fail(where, unknown.what());
  }
  feature.mean = strict_json::finite_number(json, "mean", where);
  feature.scale = strict_json::finite_number(json, "scale", where);
  feature.weight = strict_json::finite_number(json, "weight", where);
  return feature;
}

/// What both a model to be written and one that was read must satisfy.
void check_model(const LogisticModel& model, const std::string& origin) {
  const auto count = model.features.size();
  if (count == 0 || count > static_cast<std::size_t>(max_features))
    fail(origin, fmt::format("a model has 1 to {} features, this one has {}", max_features, count));
  if (!std::isfinite(model.intercept)) fail(origin, "intercept is not finite");
  std::set<std::string_view> names;
  for (const ModelFeature& feature : model.features) {
    if (feature.name.empty()) fail(origin, "a feature has an empty name");
    if (!names.insert(feature.name).second)
      fail(origin, fmt::format("feature `{}` occurs twice", feature.name));
    if (!std::isfinite(feature.mean) || !std::isfinite(feature.weight))
      fail(origin, fmt::format("mean or weight of feature `{}` is not finite", feature.name));
    if (!(feature.scale > 0.0) || !std::isfinite(feature.scale))
      fail(origin, fmt::format("scale of feature `{}` must be above 0", feature.name));
  }
}

/// The part that decides scores, as text: intercept and features, one feature a line.
std::string scoring_text(const LogisticModel& model) {
  using strict_json::shortest;
  std::string text = fmt::format("  \"intercept\": {},\n  \"features\": [", shortest(model.intercept));
  const char* separator = "\n";
  for (const ModelFeature& f : model.features) {
    text += fmt::format(R"({}    {{"name": {}, "transform": "{}", "mean": {}, "scale": {}, "weight": {}}})",
                        separator, Json(f.name).dump(), name_of(f.transform), shortest(f.mean),
                        shortest(f.scale), shortest(f.weight));
    separator = ",\n";
  }
  return text + "\n  ]";
}

}  // namespace

std::string_view name_of(Transform transform) {
  return transform_names[static_cast<std::size_t>(transform)];
}

Transform transform_from(std::string_view name) {
  for (std::size_t i = 0; i < transform_names.size(); ++i)
    if (transform_names[i] == name) return static_cast<Transform>(i);
  throw Error(ErrorKind::usage, fmt::format("unknown transform `{}`", name),
              fmt::format("known are {}", fmt::join(transform_names, ", ")));
}

LogisticModel model_from_json(const std::string& text, const std::string& origin) {
  const Json root = strict_json::parse(text, origin);
  check_format(root, origin);
  strict_json::require_keys(root, {"format", "format_version", "kind", "intercept", "features", "fit"},
                            origin);
  if (!root["features"].is_array()) fail(origin, "`features` must be a list");
  if (!root["fit"].is_object()) fail(origin, "`fit` must be an object");
  LogisticModel model;
  model.intercept = strict_json::finite_number(root, "intercept", origin);
  for (std::size_t i = 0; i < root["features"].size(); ++i)
    model.features.push_back(
        feature_from_json(root["features"][i], fmt::format("{}: features[{}]", origin, i)));
  model.fit_json = root["fit"].dump();
  check_model(model, origin);
  return model;
}

std::string model_to_json(const LogisticModel& model) {
  check_model(model, "model");
  const Json fit = strict_json::parse(model.fit_json, "fit_json of the model");
  return fmt::format(
      "{{\n  \"format\": \"npo.model\",\n  \"format_version\": {},\n  \"kind\": \"logistic\",\n{},\n"
      "  \"fit\": {}\n}}\n",
      model_format_version, scoring_text(model), fit.dump());
}

LogisticModel read_model(const std::filesystem::path& path) {
  return model_from_json(read_text(path), path.string());
}

void write_model(const std::filesystem::path& path, const LogisticModel& model, bool overwrite) {
  write_text_atomically(path, overwrite, model_to_json(model));
}

Digest model_digest(const LogisticModel& model) {
  return digest_text("npo.model logistic\n" + scoring_text(model));
}

}  // namespace npo

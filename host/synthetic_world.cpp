#include "host/synthetic_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/fit_run.hpp"
#include "kernels/elementary.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr double loading_spread = 0.3;
constexpr std::uint64_t most_generated_fleets = std::uint64_t{1} << 20;

/// What a parameter is drawn for: the step of its random words.
enum class Parameter : std::uint32_t { weight, loading, level, fleet_effect, model_error };

double draw_normal(std::uint64_t seed, std::uint64_t entity, Parameter parameter) {
  const auto counter =
      philox_counter(RandomPurpose::generate_truth, entity, static_cast<std::uint32_t>(parameter), 0);
  const float uniform = uniform_open<lane::Scalar>(philox(counter, seed).word[0]);
  return elementary::normal_quantile<lane::Scalar>(uniform);
}

void require(bool holds, const char* setting, double value, const char* range) {
  if (!holds)
    throw Error(ErrorKind::usage, fmt::format("{} is {}", setting, value), fmt::format("it lies {}", range));
}

void check(const SyntheticSettings& settings) {
  const auto most = static_cast<std::uint64_t>(max_features);
  require(settings.features >= 1 && settings.features <= most, "the number of features",
          static_cast<double>(settings.features), "between 1 and 4096");
  require(settings.fleets >= 1 && settings.fleets <= most_generated_fleets, "the number of fleets",
          static_cast<double>(settings.fleets), "between 1 and 1048576");
  require(settings.base_rate > 0.0 && settings.base_rate < 1.0, "the base rate", settings.base_rate,
          "in (0, 1)");
  require(settings.drift >= 0.0 && settings.drift <= 1.0, "the drift", settings.drift, "in [0, 1]");
  for (const auto& [name, value] : {std::pair{"the signal", settings.signal},
                                    {"the fleet spread", settings.fleet_spread},
                                    {"the hidden effect", settings.hidden},
                                    {"the walk step", settings.walk_step},
                                    {"the model error", settings.model_error}})
    require(value >= 0.0 && value <= 100.0, name, value, "in [0, 100]");
}

std::vector<float> to_floats(const std::vector<double>& values) {
  std::vector<float> floats;
  for (const double value : values) floats.push_back(static_cast<float>(value));
  return floats;
}

/// Digits of the largest of `count` numbers from 0 on, at least `least`.
int digits_of(std::uint64_t count, int least) {
  return std::max(least, static_cast<int>(std::to_string(count - 1).size()));
}

}  // namespace

SyntheticWorld::SyntheticWorld(const SyntheticSettings& settings, std::uint64_t seed)
    : settings_(settings), seed_(seed) {
  check(settings_);
  draw_features();
  draw_fleets();
}

void SyntheticWorld::draw_features() {
  std::vector<double> weight, loading;
  double squares = 0.0;
  for (std::uint64_t i = 0; i < settings_.features; ++i) {
    weight.push_back(draw_normal(seed_, i, Parameter::weight));
    loading.push_back(loading_spread * draw_normal(seed_, i, Parameter::loading));
    squares += weight.back() * weight.back();
  }
  for (double& w : weight) w *= settings_.signal / std::sqrt(squares);
  weight_ = to_floats(weight);
  loading_ = to_floats(loading);
}

void SyntheticWorld::draw_fleets() {
  double level_weight = 0.0;
  for (std::size_t i = 0; i < weight_.size(); ++i) level_weight += double{weight_[i]} * double{loading_[i]};
  std::vector<double> level, shift;
  for (std::uint64_t g = 0; g < settings_.fleets; ++g) {
    level.push_back(draw_normal(seed_, g, Parameter::level));
    shift.push_back(settings_.fleet_spread * draw_normal(seed_, g, Parameter::fleet_effect) +
                    level_weight * level.back());
  }
  level_ = to_floats(level);
  shift_ = to_floats(shift);
  intercept_ = intercept_for_base_rate();
  for (float& s : shift_) s = static_cast<float>(s + intercept_);
}

/// The intercept at which the mean over fleets and normal effects of sigmoid is the base rate: Newton's
/// method on the log-odds of the mean; the trapezoid rule on a normal density is exact to rounding at this
/// spacing.
double SyntheticWorld::intercept_for_base_rate() const {
  constexpr int half = 48;
  constexpr double spacing = 1.0 / 6.0;
  std::array<double, 2 * half + 1> node{}, share{};
  double total = 0.0;
  for (int i = -half; i <= half; ++i) {
    const double z = i * spacing;
    const auto at = static_cast<std::size_t>(i + half);
    node[at] = z * std::sqrt(settings_.signal * settings_.signal + settings_.hidden * settings_.hidden);
    total += share[at] = elementary64::exp(-0.5 * z * z);
  }
  double intercept = elementary64::logit(settings_.base_rate);
  for (int step = 0; step < 50; ++step) {
    double mean = 0.0, slope = 0.0;
    for (const float shift : shift_)
      for (std::size_t i = 0; i < node.size(); ++i) {
        const double p = elementary64::sigmoid(intercept + shift + node[i]);
        mean += share[i] * p;
        slope += share[i] * p * (1.0 - p);
      }
    const double scale = total * static_cast<double>(shift_.size());
    mean /= scale;
    slope /= scale * mean * (1.0 - mean);
    const double move = (elementary64::logit(settings_.base_rate) - elementary64::logit(mean)) / slope;
    intercept += std::clamp(move, -5.0, 5.0);
    if (std::abs(move) < 1e-9) break;
  }
  return intercept;
}

SyntheticPlan SyntheticWorld::plan() const {
  SyntheticPlan plan;
  plan.seed = seed_;
  plan.weight = weight_;
  plan.loading = loading_;
  plan.level = level_;
  plan.shift = shift_;
  plan.walk_step = static_cast<float>(settings_.walk_step);
  plan.hidden = static_cast<float>(settings_.hidden);
  plan.signal = static_cast<float>(settings_.signal);
  plan.drift = static_cast<float>(settings_.drift);
  plan.truth = settings_.truth;
  return plan;
}

std::vector<std::string> SyntheticWorld::feature_names() const {
  std::vector<std::string> names;
  const int digits = digits_of(settings_.features, 2);
  for (std::uint64_t i = 0; i < settings_.features; ++i)
    names.push_back(fmt::format("feature_{:0{}}", i, digits));
  return names;
}

std::vector<std::string> SyntheticWorld::fleet_names() const {
  std::vector<std::string> names;
  const int digits = digits_of(settings_.fleets, 3);
  for (std::uint64_t g = 0; g < settings_.fleets; ++g)
    names.push_back(fmt::format("fleet-{:0{}}", g, digits));
  return names;
}

LogisticModel SyntheticWorld::imperfect_model() const {
  LogisticModel model;
  const auto names = feature_names();
  for (std::size_t i = 0; i < weight_.size(); ++i) {
    ModelFeature feature;
    feature.name = names[i];
    feature.weight =
        weight_[i] * (1.0 + settings_.model_error * draw_normal(seed_, i, Parameter::model_error));
    model.features.push_back(feature);
  }
  model.intercept = intercept_;
  // Settings of a refit: the model is calibrated to the base rate, so classes are not reweighted.
  FitSettings refit;
  refit.class_weight = ClassWeight::none;
  model.fit_json = nlohmann::json{
      {"made_by", "npo generate"},
      {"alpha", refit.alpha},
      {"class_weight", name_of(refit.class_weight)},
      {"max_iterations", refit.max_iterations},
      {"tolerance", refit.tolerance},
      {"features",
       names}}.dump();
  return model;
}

}  // namespace npo

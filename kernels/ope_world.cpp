#include "kernels/ope_world.hpp"

#include <algorithm>
#include <string>

#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/philox.hpp"

namespace npo {
namespace {

double unit(std::uint32_t word) {
  return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

/// Logits of one context become probabilities.
void softmax(std::span<double> values) {
  double sum = 0.0;
  for (double& value : values) sum += value = elementary64::exp(value);
  for (double& value : values) value /= sum;
}

void require(bool fine, const char* name, double value, const char* range) {
  if (!fine)
    throw Error(ErrorKind::usage, std::string(name) + " = " + std::to_string(value) + " is out of range",
                std::string("it lies in ") + range);
}

}  // namespace

void validate(const OpePoint& point) {
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  require(within(point.contexts, 1, 1024), "contexts", point.contexts, "1 to 1024");
  require(within(point.actions, 2, 64), "actions", point.actions, "2 to 64");
  require(point.base_rate > 0.0 && point.base_rate <= 0.5, "base_rate", point.base_rate, "(0, 0.5]");
  require(within(point.logging_sharpness, 0, 20), "logging_sharpness", point.logging_sharpness, "[0, 20]");
  require(within(point.target_sharpness, 0, 20), "target_sharpness", point.target_sharpness, "[0, 20]");
  require(within(point.model_bias, -1, 1), "model_bias", point.model_bias, "[-1, 1]");
  require(within(point.model_noise, 0, 1), "model_noise", point.model_noise, "[0, 1]");
  require(point.clip > 0.0 && point.clip <= 1e6, "clip", point.clip, "(0, 1e6]");
  require(within(point.shrinkage, 0, 1e9), "shrinkage", point.shrinkage, "[0, 1e9]");
  require(point.subgaussian >= 0.0 && point.subgaussian < 1.0, "subgaussian", point.subgaussian, "[0, 1)");
  require(within(point.horizon, 1, max_horizon), "episodes", point.horizon, "1 to 4000000");
}

OpeWorld::OpeWorld(const OpePoint& point, StudySeed seed, std::uint64_t replicate)
    : contexts(point.contexts), actions(point.actions) {
  const PhiloxKey key(seed.seed);
  for (std::uint32_t cell = 0; cell < contexts * actions; ++cell) {
    const PhiloxWords words =
        philox(philox_counter(RandomPurpose::ope_world, study_entity(seed, replicate), cell, 0), key);
    const double pays = unit(words.word[0]);
    reward.push_back(2.0 * point.base_rate * pays);
    logging.push_back(point.logging_sharpness * (2.0 * unit(words.word[1]) - 1.0));
    target.push_back(point.target_sharpness * (2.0 * pays - 1.0));
    model.push_back(std::clamp(
        reward.back() + point.model_bias + point.model_noise * (2.0 * unit(words.word[2]) - 1.0), 0.0, 1.0));
  }
  const double share = 1.0 / static_cast<double>(contexts);
  double ips_square = 0.0, dr_square = 0.0, dm_mean = 0.0, dm_square = 0.0;
  for (std::size_t c = 0; c < contexts; ++c) {
    softmax(std::span(logging).subspan(c * actions, actions));
    softmax(std::span(target).subspan(c * actions, actions));
    double value = 0.0;
    for (std::size_t i = cell(c, 0); i < cell(c + 1, 0); ++i) {
      value += target[i] * model[i];
      truth += share * target[i] * reward[i];
    }
    direct.push_back(value);
    dm_mean += share * value;
    dm_square += share * value * value;
    for (std::size_t i = cell(c, 0); i < cell(c + 1, 0); ++i) {
      const double weight = target[i] / logging[i];
      const double won = value + weight * (1.0 - model[i]), lost = value - weight * model[i];
      largest_weight = std::max(largest_weight, weight);
      ips_square += share * logging[i] * weight * weight * reward[i];
      dr_square += share * logging[i] * (reward[i] * won * won + (1.0 - reward[i]) * lost * lost);
    }
  }
  ips_variance = ips_square - truth * truth;
  dr_variance = dr_square - truth * truth;
  dm_variance = dm_square - dm_mean * dm_mean;
  dm_bias = dm_mean - truth;
}

}  // namespace npo

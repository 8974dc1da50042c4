#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/model_file.hpp"
#include "kernels/synthetic.hpp"

namespace npo {

/// How a synthetic world is drawn. Standard deviations are in log-odds.
struct SyntheticSettings {
  std::uint64_t features = 32, fleets = 8;
  SyntheticTruth truth = SyntheticTruth::logistic;
  double base_rate = 0.05;    ///< mean of p_s over scenarios
  double signal = 2.5;        ///< what the features say
  double fleet_spread = 0.5;  ///< what the fleet says
  double hidden = 1.0;        ///< what nothing in the file says
  double walk_step = 0.05;    ///< how far a feature moves from one night to the next
  double drift = 0.0;         ///< probability that p_s is redrawn before each night after the first
  double model_error = 0.3;   ///< relative error of the model's weights
};

/// The parameters of a synthetic fleet, drawn from a seed: a pure function of both.
class SyntheticWorld {
 public:
  /// Error(usage) names a setting out of its range.
  SyntheticWorld(const SyntheticSettings& settings, std::uint64_t seed);

  /// Views into this object.
  SyntheticPlan plan() const;
  std::vector<std::string> feature_names() const;  ///< feature_00, feature_01, ...
  std::vector<std::string> fleet_names() const;    ///< fleet-000, fleet-001, ..., in order of their codes
  const std::vector<float>& weights() const { return weight_; }
  const std::vector<float>& shifts() const { return shift_; }
  /// A model that knows the weights with an error, and neither fleets nor hidden effects.
  LogisticModel imperfect_model() const;

 private:
  void draw_features();
  void draw_fleets();
  double intercept_for_base_rate() const;

  SyntheticSettings settings_;
  std::uint64_t seed_;
  std::vector<float> weight_, loading_, level_, shift_;
  double intercept_ = 0.0;
};

}  // namespace npo

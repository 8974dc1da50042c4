#include "bench/peers/score_naive.hpp"

#include <algorithm>
#include <cmath>

namespace npo::bench {

static float sigmoid(float z) {
  return 1.0f / (1.0f + std::exp(-z));
}

static float logit(float p) {
  p = std::clamp(p, 1e-6f, 1.0f - 1e-6f);
  return std::log(p / (1.0f - p));
}

void score_naive(const NaiveScoring& t) {
  std::size_t state = 0;
  for (std::size_t i = 0; i < t.rows; ++i) {
    const float* x = t.features + i * t.dim;
    float z = t.bias;
    for (std::size_t d = 0; d < t.dim; ++d) z += t.weights[d] * x[d];
    const float base = sigmoid(z);

    while (state < t.state_rows && t.state_ids[state] < t.ids[i]) ++state;
    float score = base;
    if (state < t.state_rows && t.state_ids[state] == t.ids[i]) {
      score = sigmoid(logit(base) + t.state_values[state]);
    }

    std::uint64_t mask = 0;
    for (int r = 0; r < t.rules; ++r) {
      const float v = x[t.rule_column[r]];
      if (v >= t.rule_lo[r] && v <= t.rule_hi[r]) mask |= std::uint64_t{1} << r;
    }

    const std::uint32_t fleet = t.fleet[i];
    const std::uint8_t arm = t.fleet_arm[fleet];
    int reached = 0;
    while (reached < t.arms && t.thresholds[reached] <= score) ++reached;
    const auto row = static_cast<std::size_t>(fleet) * static_cast<std::size_t>(t.arms + 1);
    t.base_score[i] = base;
    t.score[i] = score;
    t.mask[i] = mask;
    t.arm[i] = arm;
    t.decision[i] = mask != 0 ? 2 : score >= t.thresholds[arm] ? 1 : 0;
    t.p_surfaced[i] = mask != 0 ? 0.0f : t.fleet_surface_probability[row + static_cast<std::size_t>(reached)];
  }
}

}  // namespace npo::bench

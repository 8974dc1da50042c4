#pragma once
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/simulate_loops.hpp"
#include "kernels/study_metrics.hpp"

/// Set-ups of the closed loop for tests, and what tests ask of a block.
namespace npo::loop_test {

struct Sample {
  std::string name;
  LoopPoint point;
};

inline LoopPoint defaults(std::uint32_t horizon) {
  LoopPoint point;
  point.horizon = horizon;
  point.monitor.window = 40;
  point.monitor.min_gap = 50;
  return point;
}

/// Twenty-odd set-ups that together use every option.
inline std::vector<Sample> samples(std::uint32_t horizon = 400) {
  std::vector<Sample> all;
  const auto add = [&](std::string name, auto change) {
    LoopPoint point = defaults(horizon);
    change(point);
    all.push_back({std::move(name), point});
  };
  add("defaults", [](LoopPoint&) {});
  add("absolute line", [](LoopPoint& p) {
    p.monitor.reference = LoopReference::absolute;
    p.monitor.theta = 0.3;
  });
  add("constant step, literal", [](LoopPoint& p) {
    p.learning.step = LoopStep::constant;
    p.learning.target = LoopTarget::literal;
  });
  add("kappa", [](LoopPoint& p) { p.learning.kappa = 0.6; });
  add("swap and drift", [](LoopPoint& p) {
    p.op.swap = 0.2;
    p.world.drift_episodes = {1, 100, 101, 250};
    p.world.redraw = 0.5;
  });
  add("adversarial", [](LoopPoint& p) { p.op.adversarial = 0.5; });
  add("delay", [](LoopPoint& p) { p.learning.delay = 7; });
  add("long delay", [](LoopPoint& p) { p.learning.delay = 1000; });
  add("beta approval", [](LoopPoint& p) {
    p.world.latent = LoopLatent::beta;
    p.world.latent_a = 2.0;
    p.world.drift_episodes = {200};
  });
  add("constant approval, one scenario", [](LoopPoint& p) {
    p.world.latent = LoopLatent::constant;
    p.world.base_rate = 0.3;
    p.world.scenarios = 1;
  });
  add("zipf and blocked", [](LoopPoint& p) {
    p.world.zipf = 1.1;
    p.world.scenarios = 50;
    p.world.blocked_share = 0.25;
  });
  add("many scenarios", [](LoopPoint& p) { p.world.scenarios = 1000; });
  add("ewma with noise", [](LoopPoint& p) {
    p.monitor.kind = LoopMonitorKind::ewma;
    p.monitor.half_life = 20.0;
    p.monitor.noise = 0.05;
  });
  add("best window", [](LoopPoint& p) {
    p.monitor.reference = LoopReference::best;
    p.monitor.delta = 0.05;
    p.monitor.min_gap = 10;
  });
  add("best window, refilling outside", [](LoopPoint& p) {
    p.monitor.reference = LoopReference::best;
    p.monitor.delta = 0.02;
    p.monitor.min_gap = 10;
    p.monitor.refill = LoopRefill::outside;
  });
  add("refilling outside", [](LoopPoint& p) {
    p.monitor.delta = 0.02;
    p.monitor.refill = LoopRefill::outside;
  });
  add("monitor off, always looking", [](LoopPoint& p) {
    p.monitor.kind = LoopMonitorKind::off;
    p.op.look_withheld = 1.0;
  });
  add("discounted", [](LoopPoint& p) { p.policy.kind = StudyPolicy::discounted_thompson; });
  add("sliding", [](LoopPoint& p) {
    p.policy.kind = StudyPolicy::sliding_thompson;
    p.policy.window = 30;
    p.learning.delay = 3;
  });
  add("ucb1", [](LoopPoint& p) { p.policy.kind = StudyPolicy::ucb1; });
  add("kl-ucb", [](LoopPoint& p) { p.policy.kind = StudyPolicy::kl_ucb; });
  add("epsilon-greedy, three arms", [](LoopPoint& p) {
    p.policy.kind = StudyPolicy::epsilon_greedy;
    p.thresholds = {0.4, 0.6, 0.8};
  });
  add("thirty-two arms", [](LoopPoint& p) {
    p.thresholds.clear();
    for (int k = 1; k <= 32; ++k) p.thresholds.push_back(k / 33.0);
  });
  for (const auto ablation :
       {LoopAblation::no_override, LoopAblation::fixed_threshold, LoopAblation::no_monitor,
        LoopAblation::fixed_interval, LoopAblation::reward_only})
    add("ablation " + std::to_string(static_cast<int>(ablation)), [&](LoopPoint& p) {
      p.ablation = ablation;
      p.ablated_interval = 90;
    });
  return all;
}

inline std::vector<std::uint32_t> checkpoints_to(std::uint32_t horizon) {
  std::vector<std::uint32_t> points;
  for (const std::uint32_t t : {1u, 2u, 5u, 13u, 40u, 100u, 250u})
    if (t < horizon) points.push_back(t);
  points.push_back(horizon);
  return points;
}

inline std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (const SimdLevel level : {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512})
    if (supports(level)) all.push_back(level);
  return all;
}

/// Every number of a block, padding aside.
inline std::vector<float> records(const StudyBlock& block) {
  std::vector<float> all;
  for (std::size_t c = 0; c < block.checkpoints(); ++c)
    for (std::size_t k = 0; k < block.columns(); ++k)
      all.insert(all.end(), block.column(c, k).begin(), block.column(c, k).end());
  return all;
}

inline std::uint64_t digest(const StudyBlock& block) {
  const std::vector<float> all = records(block);
  return XXH3_64bits(all.data(), all.size() * sizeof(float));
}

/// A column over all blocks of a range at one checkpoint.
inline std::vector<double> simulate_column(const LoopPoint& point, std::size_t replicates,
                                           std::uint32_t checkpoint, LoopColumn column,
                                           std::uint64_t seed = 11) {
  std::vector<double> values;
  const std::vector<std::uint32_t> checkpoints{checkpoint};
  StudyBlock block;
  while (values.size() < replicates) {
    const std::size_t count = std::min(replicates - values.size(), max_block_replicates);
    simulate_loops(point, {seed, 0}, {values.size(), count}, checkpoints, widest_simd_level(), block);
    const auto part = block.column(0, static_cast<std::size_t>(column));
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

/// Mean and variance over replicates, with the standard errors of both.
struct Moments {
  double mean = 0, variance = 0, mean_error = 0, variance_error = 0;
};
inline Moments moments_of(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  Moments m;
  for (const double x : values) m.mean += x / n;
  double fourth = 0;
  for (const double x : values) {
    const double square = (x - m.mean) * (x - m.mean);
    m.variance += square / n;
    fourth += square * square / n;
  }
  m.mean_error = std::sqrt(m.variance / n);
  m.variance_error = std::sqrt(std::max(0.0, fourth - m.variance * m.variance) / n);
  return m;
}

/// Standard errors beyond which a normal number lies with probability 1e-6.
inline constexpr double normal_bound = 4.9;

}  // namespace npo::loop_test

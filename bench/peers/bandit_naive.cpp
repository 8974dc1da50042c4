#include "bench/peers/bandit_naive.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace npo::bench {

double simulate_bandits_naive(const NaiveBandits& task) {
  const double best_mean = *std::max_element(task.means, task.means + task.arms);
  const auto arms = static_cast<std::size_t>(task.arms);
  double regret = 0.0;
  for (std::uint32_t i = 0; i < task.bandits; ++i) {
    std::mt19937_64 engine(task.seed + i);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<double> successes(arms, 0.0), failures(arms, 0.0);
    for (std::uint32_t t = 0; t < task.steps; ++t) {
      std::size_t best = 0;
      double best_theta = -1.0;
      for (std::size_t k = 0; k < arms; ++k) {
        std::gamma_distribution<double> a(1.0 + successes[k], 1.0), b(1.0 + failures[k], 1.0);
        const double x = a(engine), y = b(engine), theta = x / (x + y);
        if (theta > best_theta) {
          best_theta = theta;
          best = k;
        }
      }
      (uniform(engine) < task.means[best] ? successes : failures)[best] += 1.0;
      regret += best_mean - task.means[best];
    }
  }
  return regret / task.bandits;
}

}  // namespace npo::bench

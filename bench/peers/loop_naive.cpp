#include "bench/peers/loop_naive.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace npo::bench {
namespace {

constexpr double look_surfaced = 0.9, look_withheld = 0.2, neutral_share = 0.1, lambda = 0.3, delta = 0.1,
                 smooth = 20;
constexpr std::size_t window = 100;
constexpr int min_gap = 100;

enum Answer { overridden, liked, neutral, skipped };
constexpr double loss_of[4] = {1.0, 0.0, 0.5, lambda};

double surfaced_loss(double p) {
  return (1 - look_surfaced) * lambda + look_surfaced * (p * neutral_share / 2 + 1 - p);
}
double withheld_loss(double p) {
  return (1 - look_withheld) * lambda + look_withheld * ((1 - p) * neutral_share / 2 + p);
}

/// Counts since the last checkpoint.
struct Counts {
  double episodes = 0, surfaced = 0, answers[4] = {}, overrides_surfaced = 0, loss = 0, excess = 0;
  double truths = 0, expected = 0, updates = 0, prediction = 0, watches = 0, hits = 0, high = 0, alarms = 0,
         hits_high = 0, estimates = 0, gap = 0, policy_gap = 0;
  std::vector<double> arms;
};

std::vector<double> metrics_of(const Counts& c, double retrains, double unnecessary,
                               const std::vector<double>& score, const std::vector<double>& p) {
  double error = 0, mean = 0;
  for (std::size_t s = 0; s < score.size(); ++s) {
    error += (score[s] - p[s]) * (score[s] - p[s]);
    mean += score[s];
  }
  const double n = c.episodes, low = c.watches - c.high, size = static_cast<double>(score.size());
  std::vector<double> row = {c.loss / n,
                             c.excess / n,
                             c.expected / c.truths,
                             c.prediction / c.updates,
                             c.answers[overridden] / n,
                             c.overrides_surfaced / c.surfaced,
                             c.answers[liked] / n,
                             c.answers[neutral] / n,
                             c.answers[skipped] / n,
                             c.surfaced / n,
                             c.hits / c.watches,
                             c.high / c.watches,
                             c.alarms / c.watches,
                             0.5 * (c.hits_high / c.high + (c.hits - c.hits_high) / low),
                             retrains,
                             unnecessary / retrains,
                             error / size,
                             mean / size,
                             c.gap / c.estimates,
                             c.policy_gap / c.estimates};
  for (const double arm : c.arms) row.push_back(arm / n);
  return row;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

void simulate_loops_naive(const NaiveLoop& loop, std::uint64_t seed, std::size_t replicates,
                          std::vector<std::vector<double>>& rows) {
  const std::size_t scenarios = static_cast<std::size_t>(loop.scenarios), arms = loop.thresholds.size();
  for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
    std::mt19937_64 random(seed + replicate);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::uniform_int_distribution<std::size_t> pick(0, scenarios - 1);
    std::normal_distribution<double> normal;
    std::vector<double> p(scenarios), score(scenarios), likes(arms), overrides(arms), losses;
    std::vector<int> steps(scenarios);
    double floor = 0;
    for (std::size_t s = 0; s < scenarios; ++s) {
      p[s] = uniform(random) < 0.5 ? 1.0 : 0.0;
      score[s] = std::clamp(0.5 + 0.3 * (p[s] - 0.5) + 0.2 * normal(random), 0.0, 1.0);
      floor += std::min(surfaced_loss(p[s]), withheld_loss(p[s])) / static_cast<double>(scenarios);
    }
    const double line = floor + delta;
    double window_loss = 0, retrains = 0, unnecessary = 0;
    std::size_t oldest = 0;
    int since = min_gap;
    Counts counts;
    counts.arms.assign(arms, 0.0);
    std::size_t checkpoint = 0;
    for (std::uint32_t t = 1; checkpoint < loop.checkpoints.size(); ++t) {
      const std::size_t s = pick(random);
      std::size_t arm = 0;
      double best = -1;
      for (std::size_t k = 0; k < arms; ++k) {
        std::gamma_distribution<double> success(1 + likes[k], 1.0), failure(1 + overrides[k], 1.0);
        const double x = success(random), y = failure(random), theta = x / (x + y);
        if (theta > best) {
          best = theta;
          arm = k;
        }
      }
      const bool surfaced = score[s] >= loop.thresholds[arm], wanted = uniform(random) < p[s];
      Answer answer = skipped;
      if (uniform(random) < (surfaced ? look_surfaced : look_withheld)) {
        if (surfaced != wanted)
          answer = overridden;
        else
          answer = uniform(random) < neutral_share ? neutral : liked;
      }
      const double loss = loss_of[answer];
      counts.episodes += 1;
      counts.surfaced += surfaced;
      counts.answers[answer] += 1;
      counts.overrides_surfaced += surfaced && answer == overridden;
      counts.loss += loss;
      counts.excess += loss - floor;
      counts.arms[arm] += 1;
      if (answer != skipped) {
        const double target = answer == neutral ? 0.5 : (answer == liked) == surfaced ? 1.0 : 0.0;
        const double error = target - score[s];
        score[s] += std::min(1.0, 1.0 / (++steps[s] + 1.0)) * error;
        counts.updates += 1;
        counts.prediction += error * error;
        if (answer == liked) likes[arm] += 1;
        if (answer == overridden) overrides[arm] += 1;
      }
      window_loss += loss;
      if (losses.size() < window) {
        losses.push_back(loss);
      } else {
        window_loss -= losses[oldest];
        losses[oldest] = loss;
        oldest = (oldest + 1) % window;
      }
      const bool full = losses.size() == window;
      const double monitored = window_loss / static_cast<double>(window);
      const bool alarm = full && monitored > line, retrain = alarm && ++since >= min_gap;
      if (!alarm) ++since;
      if (t % 10 == 0 || retrain) {
        double expected = 0;
        for (std::size_t i = 0; i < scenarios; ++i)
          expected += score[i] >= loop.thresholds[arm] ? surfaced_loss(p[i]) : withheld_loss(p[i]);
        expected /= static_cast<double>(scenarios);
        const bool truth = expected > line;
        if (t % 10 == 0) {
          counts.truths += 1;
          counts.expected += expected;
          if (full || retrains > 0) {
            counts.watches += 1;
            counts.hits += alarm == truth;
            counts.high += truth;
            counts.alarms += alarm;
            counts.hits_high += alarm && truth;
          }
          if (full) {
            counts.estimates += 1;
            counts.gap += std::abs(monitored - expected);
            counts.policy_gap += sigmoid(smooth * (monitored - line)) - sigmoid(smooth * (expected - line));
          }
        }
        if (retrain) {
          retrains += 1;
          unnecessary += !truth;
          std::fill(steps.begin(), steps.end(), 0);
          losses.clear();
          window_loss = 0;
          oldest = 0;
          since = 0;
        }
      }
      if (t == loop.checkpoints[checkpoint]) {
        rows.push_back(metrics_of(counts, retrains, unnecessary, score, p));
        counts = Counts();
        counts.arms.assign(arms, 0.0);
        ++checkpoint;
      }
    }
  }
}

}  // namespace npo::bench

#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/learn_fixture.hpp"

/// The closed forms 1 to 3 of spec section 9, through the functor and its driver. Answers are i.i.d.
/// Bernoulli likes of surfaced decisions. Tolerances are 4.9 standard errors, which a right implementation
/// exceeds once in 10^6 seeds; each test also runs with a step size that is a little off and must then fail.
namespace npo {
namespace {

constexpr double probability = 0.7, variance = probability * (1.0 - probability), first_score = 0.3;
constexpr double standard_errors = 4.9;

StepSchedule constant(float eta) {
  return {StepSchedule::Kind::constant, eta, 1.0f, 1.0f, 1.0f};
}
StepSchedule robbins_monro(float c, float n0, float kappa = 1.0f) {
  return {StepSchedule::Kind::robbins_monro, 0.0f, c, n0, kappa};
}

bool is_like(std::uint32_t scenario, std::uint32_t event) {
  return test::random_word(scenario, event) < static_cast<std::uint32_t>(probability * 4294967296.0);
}

/// Scores of `scenarios` scenarios after `events` answers each, worked on in partitions of 1000.
std::vector<float> learned_scores(const StepSchedule& step, std::uint32_t scenarios, std::uint32_t events) {
  constexpr std::uint32_t width = 1000;
  const ScoreUpdatePlan plan{step, test::approval, Carry::offset};
  std::vector<float> scores;
  for (std::uint32_t first = 0; first < scenarios; first += width) {
    test::OwnedPartition partition(width, std::size_t{width} * events);
    for (std::uint32_t e = 0; e < events; ++e)
      for (std::uint32_t s = 0; s < width; ++s)
        partition.add(
            test::event_of(s, s * events + e,
                           is_like(first + s, e) ? FeedbackKind::like : FeedbackKind::override_decision,
                           Decision::surfaced, static_cast<float>(first_score)),
            e, e);
    partition.learn(plan, widest_simd_level());
    for (const ScenarioState& state : partition.scenarios) scores.push_back(state.score);
  }
  return scores;
}

struct Moments {
  double mean = 0.0, square = 0.0,
         spread = 0.0;  ///< of (R - p); spread is the standard deviation of (R - p)^2
};

Moments moments(const std::vector<float>& scores) {
  Moments m;
  double fourth = 0.0;
  for (const float score : scores) {
    const double d = static_cast<double>(score) - probability;
    m.mean += d;
    m.square += d * d;
    fourth += d * d * d * d;
  }
  const auto n = static_cast<double>(scores.size());
  m.mean /= n;
  m.square /= n;
  m.spread = std::sqrt(fourth / n - m.square * m.square);
  return m;
}

bool near(double value, double expected, double standard_error) {
  return std::abs(value - expected) <= standard_errors * standard_error;
}

/// Whether mean and mean square of R - p after the events are those of the recursion of closed forms 1 and 3.
bool obeys(const std::vector<float>& scores, double mean, double var) {
  const Moments m = moments(scores);
  const auto n = static_cast<double>(scores.size());
  return near(m.mean, mean, std::sqrt(var / n)) && near(m.square, var + mean * mean, m.spread / std::sqrt(n));
}

TEST(ScoreUpdateLaw, ConstantStep) {
  constexpr std::uint32_t scenarios = 100000, events = 20;
  constexpr double eta = 0.1;
  const double decay = std::pow(1.0 - eta, events);
  const double mean = decay * (first_score - probability);
  const double var = variance * eta / (2.0 - eta) * (1.0 - decay * decay);
  EXPECT_TRUE(obeys(learned_scores(constant(0.1f), scenarios, events), mean, var));
  EXPECT_FALSE(obeys(learned_scores(constant(0.105f), scenarios, events), mean, var));
}

TEST(ScoreUpdateLaw, RunningMean) {
  constexpr std::uint32_t scenarios = 100000, events = 25;
  const std::vector<float> scores = learned_scores(robbins_monro(1.0f, 0.0f), scenarios, events);
  EXPECT_TRUE(obeys(scores, 0.0, variance / events));
  EXPECT_FALSE(obeys(learned_scores(robbins_monro(1.5f, 0.0f), scenarios, events), 0.0, variance / events));
  for (std::uint32_t s = 0; s < 1000; ++s) {
    double likes = 0.0;
    for (std::uint32_t e = 0; e < events; ++e) likes += is_like(s, e);
    // Every one of the 25 updates rounds four times, each by at most 2^-25.
    ASSERT_NEAR(scores[s], likes / events, events * 4 * 0x1p-25) << s;
  }
}

TEST(ScoreUpdateLaw, SteeperStep) {
  constexpr std::uint32_t scenarios = 20000, events = 400;
  constexpr double c = 2.0;
  double var = 0.0;
  for (int n = 1; n <= static_cast<int>(events); ++n) {
    const double eta = std::min(1.0, c / n);
    var = (1.0 - eta) * (1.0 - eta) * var + eta * eta * variance;
  }
  // The recursion approaches its limit like 1/n.
  EXPECT_NEAR(events * var, c * c * variance / (2.0 * c - 1.0), 4.0 / events);
  EXPECT_TRUE(obeys(learned_scores(robbins_monro(2.0f, 0.0f), scenarios, events), 0.0, var));
  EXPECT_FALSE(obeys(learned_scores(robbins_monro(2.3f, 0.0f), scenarios, events), 0.0, var));
}

TEST(ScoreUpdateLaw, SlowStepNeedsAPower) {
  const StepSchedule step = robbins_monro(0.9f, 2.0f, 0.75f);
  for (const std::uint32_t n : {1u, 2u, 10u, 1000u, 2000000000u})
    // log and exp are good to 1 ulp; the exponent is below 17, so its rounding moves the power by 17 * 2^-24.
    EXPECT_NEAR(step_size<lane::Scalar>(step, n) / (0.9 * std::pow(n + 2.0, -0.75)), 1.0, 4e-6) << n;
  EXPECT_EQ(step_size<lane::Scalar>(robbins_monro(4.0f, 1.0f, 0.6f), 1), 1.0f);
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "kernels/study_run.hpp"
#include "kernels/thompson.hpp"
#include "tests/kernels/goodness_of_fit.hpp"

/// Bandits replayed step by step in double: every arm that was played is the one the policy's definition
/// names, or was drawn with the probability that its posteriors give.
namespace npo {
namespace {

BanditPoint point_of(StudyPolicy policy, std::vector<double> means, std::uint32_t horizon) {
  BanditPoint point;
  point.policy.kind = policy;
  point.policy.window = 30;
  point.policy.discount = 0.9;
  point.arms = static_cast<std::uint32_t>(means.size());
  point.means = std::move(means);
  point.horizon = horizon;
  return point;
}

const std::vector<double> three = {0.3, 0.5, 0.45};

/// Successes and failures as a policy counts them.
struct Counts {
  std::vector<double> success, failure;
  explicit Counts(std::size_t arms) : success(arms), failure(arms) {}
  double plays(std::size_t k) const { return success[k] + failure[k]; }
  double all() const {
    return std::accumulate(success.begin(), success.end(), 0.0) +
           std::accumulate(failure.begin(), failure.end(), 0.0);
  }
};

/// Plain, discounted and windowed counts of a history.
class Replay {
 public:
  Replay(const PolicyOptions& policy, std::size_t arms) : policy_(policy), counts_(arms) {}
  const Counts& counts() const { return counts_; }
  void learn(std::size_t arm, bool success) {
    if (policy_.kind == StudyPolicy::discounted_thompson) {
      for (double& s : counts_.success) s *= policy_.discount;
      for (double& f : counts_.failure) f *= policy_.discount;
    }
    (success ? counts_.success : counts_.failure)[arm] += 1.0;
    if (policy_.kind != StudyPolicy::sliding_thompson) return;
    recent_.emplace_back(arm, success);
    if (recent_.size() <= policy_.window) return;
    (recent_.front().second ? counts_.success : counts_.failure)[recent_.front().first] -= 1.0;
    recent_.pop_front();
  }

 private:
  PolicyOptions policy_;
  Counts counts_;
  std::deque<std::pair<std::size_t, bool>> recent_;
};

double divergence(double p, double q) {
  const double a = p > 0.0 ? p * std::log(p / q) : 0.0;
  return a + (p < 1.0 ? (1.0 - p) * std::log((1.0 - p) / (1.0 - q)) : 0.0);
}

double kl_index(double mean, double plays, double budget) {
  double low = mean, high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (plays * divergence(mean, middle) <= budget ? low : high) = middle;
  }
  return low;
}

double index_of(const PolicyOptions& policy, const Counts& counts, std::size_t k) {
  if (counts.plays(k) == 0.0) return 1e9 - static_cast<double>(k);
  const double mean = counts.success[k] / counts.plays(k), log_plays = std::log(counts.all());
  switch (policy.kind) {
    case StudyPolicy::ucb1:
      return mean + std::sqrt(policy.exploration * log_plays / counts.plays(k));
    case StudyPolicy::kl_ucb:
      return kl_index(mean, counts.plays(k), log_plays + policy.log_log * std::log(std::max(log_plays, 1.0)));
    default:
      return mean;
  }
}

/// Largest amount by which the index of a played arm falls short of the best one.
double largest_shortfall(const BanditPoint& point, const PolicyOptions& replayed, std::uint64_t replicates) {
  double shortfall = 0.0;
  for (std::uint64_t r = 0; r < replicates; ++r) {
    const BanditTrace trace = trace_bandit(point, {3, 0}, r);
    Replay replay(replayed, point.arms);
    for (std::size_t t = 0; t < trace.arm.size(); ++t) {
      double best = -1.0;
      for (std::size_t k = 0; k < point.arms; ++k)
        best = std::max(best, index_of(replayed, replay.counts(), k));
      shortfall = std::max(shortfall, best - index_of(replayed, replay.counts(), trace.arm[t]));
      replay.learn(trace.arm[t], trace.reward[t] != 0);
    }
  }
  return shortfall;
}

TEST(IndexPolicies, PlayTheArmWithTheLargestIndex) {
  for (const StudyPolicy policy : {StudyPolicy::ucb1, StudyPolicy::kl_ucb, StudyPolicy::epsilon_greedy}) {
    BanditPoint point = point_of(policy, three, 2000);
    point.policy.epsilon = 0.0;
    point.policy.log_log = 3.0;
    // Indices are floats: their logarithms, quotients and halvings are good to a few 1e-6.
    EXPECT_LT(largest_shortfall(point, point.policy, 4), 1e-5) << name_of(policy);
    PolicyOptions other = point.policy;
    other.exploration *= 1.01;
    other.log_log *= 1.01;
    if (policy == StudyPolicy::epsilon_greedy) continue;  // reads neither
    EXPECT_GT(largest_shortfall(point, other, 4), 1e-5) << name_of(policy);
  }
}

TEST(IndexPolicies, TiesGoToTheLowestArm) {
  const BanditTrace trace = trace_bandit(point_of(StudyPolicy::ucb1, {0.0, 0.0, 0.0}, 6), {1, 0}, 0);
  EXPECT_EQ(trace.arm, (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(EpsilonGreedy, ExploresUniformlyWithItsProbability) {
  const BanditPoint point = point_of(StudyPolicy::epsilon_greedy, three, 200);
  double steps = 0.0, others = 0.0;
  for (std::uint64_t r = 0; r < 400; ++r) {
    const BanditTrace trace = trace_bandit(point, {3, 0}, r);
    Replay replay(point.policy, 3);
    for (std::size_t t = 0; t < trace.arm.size(); ++t) {
      std::size_t greedy = 0;
      for (std::size_t k = 1; k < 3; ++k)
        if (index_of(point.policy, replay.counts(), k) > index_of(point.policy, replay.counts(), greedy))
          greedy = k;
      steps += 1.0;
      others += trace.arm[t] != greedy;
      replay.learn(trace.arm[t], trace.reward[t] != 0);
    }
  }
  const double expected = 0.1 * 2.0 / 3.0;
  EXPECT_LT(std::fabs(others - steps * expected) / std::sqrt(steps * expected * (1.0 - expected)), 4.9);
}

/// P(arm) for every arm from replayed posteriors.
std::vector<double> probabilities(const PolicyOptions& policy, const Counts& counts) {
  std::vector<double> a, b, probability(counts.success.size());
  for (std::size_t k = 0; k < counts.success.size(); ++k) {
    a.push_back(policy.prior_success + std::max(0.0, counts.success[k]));
    b.push_back(policy.prior_failure + std::max(0.0, counts.failure[k]));
  }
  arm_probabilities(a, b, probability);
  return probability;
}

/// How far the arms played at `point` are from the probabilities of `stated`, toward those of `suspect`, in
/// standard errors: the log-likelihood ratio of each played arm minus its expectation is a martingale.
double misfit(const BanditPoint& point, const PolicyOptions& stated, const PolicyOptions& suspect) {
  double sum = 0.0, variance = 0.0;
  for (std::uint64_t r = 0; r < 12; ++r) {
    const BanditTrace trace = trace_bandit(point, {5, 0}, r);
    Replay replay(stated, point.arms), suspected(suspect, point.arms);
    for (std::size_t t = 0; t < trace.arm.size(); ++t) {
      const auto p = probabilities(stated, replay.counts()), q = probabilities(suspect, suspected.counts());
      const auto ratio = [&](std::size_t k) { return std::log(std::max(q[k], 1e-6) / std::max(p[k], 1e-6)); };
      double mean = 0.0, square = 0.0;
      for (std::size_t k = 0; k < point.arms; ++k) {
        mean += p[k] * ratio(k);
        square += p[k] * ratio(k) * ratio(k);
      }
      sum += ratio(trace.arm[t]) - mean;
      variance += square - mean * mean;
      replay.learn(trace.arm[t], trace.reward[t] != 0);
      suspected.learn(trace.arm[t], trace.reward[t] != 0);
    }
  }
  return sum / std::sqrt(variance);
}

class ThompsonPolicies : public testing::TestWithParam<std::vector<double>> {
 protected:
  /// The arms played by the stated policy fit it; those played by the suspect one do not.
  static void expect_told_apart(BanditPoint point, const PolicyOptions& suspect) {
    const PolicyOptions stated = point.policy;
    EXPECT_LT(std::fabs(misfit(point, stated, suspect)), 4.9) << name_of(stated.kind);
    point.policy = suspect;
    EXPECT_GT(misfit(point, stated, suspect), 4.9) << "a planted " << name_of(stated.kind);
  }
};

TEST_P(ThompsonPolicies, PlainOnesDrawFromTheirPosteriors) {
  const BanditPoint point = point_of(StudyPolicy::thompson, GetParam(), GetParam().size() > 3 ? 60 : 150);
  PolicyOptions suspect = point.policy;
  suspect.prior_failure = 3.0;
  expect_told_apart(point, suspect);
}

TEST_P(ThompsonPolicies, DiscountedOnesDrawFromTheirPosteriors) {
  const BanditPoint point =
      point_of(StudyPolicy::discounted_thompson, GetParam(), GetParam().size() > 3 ? 60 : 150);
  PolicyOptions suspect = point.policy;
  suspect.discount = 0.8;
  expect_told_apart(point, suspect);
}

TEST_P(ThompsonPolicies, SlidingOnesDrawFromTheirPosteriors) {
  const BanditPoint point =
      point_of(StudyPolicy::sliding_thompson, GetParam(), GetParam().size() > 3 ? 60 : 150);
  PolicyOptions suspect = point.policy;
  suspect.window = 15;
  expect_told_apart(point, suspect);
}

/// Three arms for the joint path of plain sampling, twelve for the general one.
INSTANTIATE_TEST_SUITE_P(Arms, ThompsonPolicies,
                         testing::Values(three, std::vector<double>{0.4, 0.4, 0.6, 0.4, 0.4, 0.3, 0.4, 0.7,
                                                                    0.4, 0.2, 0.4, 0.4}));

/// Rewards of one arm as numbers: 0 or 1.
std::vector<double> rewards(double mean, std::uint64_t first_replicate, std::uint64_t replicates,
                            std::size_t skip = 0) {
  const BanditPoint point = point_of(StudyPolicy::fixed, {mean, 0.5}, 1001);
  std::vector<double> all;
  for (std::uint64_t r = first_replicate; r < first_replicate + replicates; ++r) {
    const BanditTrace trace = trace_bandit(point, {2, 0}, r);
    all.insert(all.end(), trace.reward.begin() + static_cast<std::ptrdiff_t>(skip),
               trace.reward.begin() + static_cast<std::ptrdiff_t>(skip) + 1000);
  }
  return all;
}

double rate_misfit(const std::vector<double>& successes, double mean) {
  const double n = static_cast<double>(successes.size());
  const double sum = std::accumulate(successes.begin(), successes.end(), 0.0);
  return std::fabs(sum - n * mean) / std::sqrt(n * mean * (1.0 - mean));
}

TEST(BanditRewards, ComeWithTheMeanOfTheArm) {
  for (const double mean : {0.1, 0.5, 0.95}) {
    EXPECT_LT(rate_misfit(rewards(mean, 0, 400), mean), 4.9);
    EXPECT_GT(rate_misfit(rewards(mean + 0.01, 0, 400), mean), 4.9) << "a bias of one in a hundred";
  }
}

TEST(BanditRewards, OfNeighboursAreUncorrelated) {
  const auto here = rewards(0.5, 0, 300);
  EXPECT_LT(std::fabs(test::correlation_score(here, rewards(0.5, 1, 300))), test::correlation_bound);
  EXPECT_LT(std::fabs(test::correlation_score(here, rewards(0.5, 0, 300, 1))), test::correlation_bound);
  // Counters that are used twice in a hundred steps.
  auto reused = rewards(0.5, 1, 300);
  for (std::size_t i = 0; i < reused.size(); i += 50) reused[i] = here[i];
  EXPECT_GT(test::correlation_score(here, reused), test::correlation_bound);
}

TEST(DrawnArms, FollowTheirBeta) {
  BanditPoint point = point_of(StudyPolicy::fixed, {}, 1);
  point.arms = 2;
  point.draw_a = 2.0;
  point.draw_b = 1.0;
  std::vector<test::Uniform> below;
  for (std::uint64_t r = 0; r < 20000; ++r) {
    const double mean = static_cast<double>(trace_bandit(point, {6, 0}, r).mean[0]);
    below.push_back({mean * mean, 1.0 - mean * mean});  // the distribution function of Beta(2, 1)
  }
  std::ranges::sort(below, {}, &test::Uniform::below);
  EXPECT_LT(test::kolmogorov_smirnov(below), test::kolmogorov_smirnov_bound);
  EXPECT_LT(test::anderson_darling(below), test::anderson_darling_bound);
  for (test::Uniform& u : below) u = {std::sqrt(u.below), 1.0 - std::sqrt(u.below)};  // as if Beta(1, 1)
  EXPECT_GT(test::kolmogorov_smirnov(below), test::kolmogorov_smirnov_bound);
}

}  // namespace
}  // namespace npo

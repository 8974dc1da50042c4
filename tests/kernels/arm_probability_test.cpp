#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/thompson.hpp"
#include "tests/kernels/exact_arm_probability.hpp"

namespace npo {
namespace {

/// What thompson.hpp promises.
constexpr double bound = 1e-7;

std::vector<double> probabilities(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> p(a.size());
  arm_probabilities(a, b, p);
  return p;
}

void expect_exact(const std::vector<int>& a, const std::vector<int>& b, double tolerance) {
  const auto p = probabilities({a.begin(), a.end()}, {b.begin(), b.end()});
  for (std::size_t k = 0; k < a.size(); ++k) {
    auto first_a = a, first_b = b;
    std::swap(first_a[0], first_a[k]);
    std::swap(first_b[0], first_b[k]);
    ASSERT_NEAR(p[k], static_cast<double>(test::exact_best_probability(first_a, first_b)), tolerance)
        << "arm " << k << ": Beta(" << a[k] << ", " << b[k] << ")";
  }
}

/// The sums are good to about 1e-13 here, so the tests may ask for more than the bound: 1e-10.
TEST(ArmProbability, TwoArmsMatchTheExactSum) {
  std::mt19937 engine(1);
  for (int i = 0; i < 400; ++i) {
    std::uniform_int_distribution<int> shape(1, i % 2 ? 12 : 800);
    expect_exact({shape(engine), shape(engine)}, {shape(engine), shape(engine)}, 1e-10);
  }
  expect_exact({1, 1}, {1, 1}, 1e-10);
  expect_exact({50, 1}, {1, 50}, 1e-10);
}

TEST(ArmProbability, ThreeToSixArmsMatchTheExactSum) {
  std::mt19937 engine(2);
  for (int i = 0; i < 60; ++i) {
    std::uniform_int_distribution<int> shape(1, i % 2 ? 9 : 60);
    const std::size_t arms = 3 + static_cast<std::size_t>(i) % 4;
    std::vector<int> a(arms), b(arms);
    for (int& x : a) x = shape(engine);
    for (int& x : b) x = shape(engine);
    expect_exact(a, b, 1e-10);
  }
}

TEST(ArmProbability, ClosedFormsForRealShapes) {
  // theta_k ~ Beta(a_k, 1) has distribution function x^a_k: P = a_k / sum a.
  const std::vector<double> a{1.0, 1.001, 2.5, 7.3, 40.9};
  const double total = std::accumulate(a.begin(), a.end(), 0.0);
  const auto p = probabilities(a, std::vector<double>(a.size(), 1.0));
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(p[k], a[k] / total, 1e-9);
  // Near 0, Beta(a, 1e9) is a gamma: P(Gamma(1.5) > Gamma(1)) = 1 - 2^-1.5, up to relative corrections of
  // 1e-9.
  EXPECT_NEAR(probabilities({1.0, 1.5}, {1e9, 1e9})[1], 1.0 - std::pow(2.0, -1.5), 1e-8);
  EXPECT_NEAR(probabilities({1e9, 1e9}, {1.0, 1.5})[0], 1.0 - std::pow(2.0, -1.5), 1e-8);
}

TEST(ArmProbability, LargeShapesApproachTheNormalLaw) {
  // Means one deviation of the difference apart; skewness and higher terms are below 1e-5 at 1e9.
  const double n = 5e8, shift = std::sqrt(n);
  const auto p = probabilities({n + shift / 2, n}, {n - shift / 2, n});
  const double z = shift / 2 / (2 * n) / (0.5 / std::sqrt(2 * n)) / std::sqrt(2.0);
  EXPECT_NEAR(p[0], 0.5 * std::erfc(-z / std::sqrt(2.0)), 1e-5);
}

struct Case {
  std::vector<double> a, b;
};

std::vector<Case> hard_cases() {
  std::vector<Case> cases{{{1e9, 1.0}, {1.0, 1e9}},
                          {{1e9, 1e9 - 0.5, 3.7}, {1.3, 1.5, 2.2}},
                          {{1.001, 1.5, 2.3}, {1.2, 1.7, 1.001}},
                          {{1e9, 1e9 - 1e5, 1e9 - 2e4, 5e8}, {1e9, 1e9, 1e9, 5e8}},
                          {{1.0, 1e9, 30.0}, {1.0, 1e9, 30.0}}};
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> octave(0.0, 29.0);
  for (const std::size_t arms : {2u, 5u, 32u, 100u}) {
    Case random;
    for (std::size_t k = 0; k < arms; ++k) {
      random.a.push_back(std::exp2(octave(engine)));
      random.b.push_back(std::exp2(octave(engine)));
    }
    cases.push_back(random);
    for (const double shape : {1.0, 1.5, 100.0, 1e6, 1e9})
      cases.push_back({std::vector<double>(arms, shape),
                       std::vector<double>(arms, 3.0 * shape <= 1e9 ? 3.0 * shape : 1.0)});
  }
  for (const double shape : {1.0, 100.0, 1e6})
    cases.push_back({std::vector<double>(1000, shape), std::vector<double>(1000, shape)});
  return cases;
}

TEST(ArmProbability, TheySumToOne) {
  for (const Case& c : hard_cases()) {
    const auto p = probabilities(c.a, c.b);
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1.0, bound)
        << c.a.size() << " arms from " << c.a[0];
    EXPECT_GE(*std::min_element(p.begin(), p.end()), 0.0);
  }
}

TEST(ArmProbability, EqualArmsShareEqually) {
  for (const double shape : {1.0, 1.7, 40.0, 1e6, 1e9}) {
    for (const std::size_t arms : {2u, 7u, 32u, 1000u}) {
      const auto p = probabilities(std::vector<double>(arms, shape), std::vector<double>(arms, shape));
      for (const double share : p) ASSERT_NEAR(share, 1.0 / static_cast<double>(arms), 1e-10) << shape;
    }
  }
}

TEST(ArmProbability, PermutedArmsGivePermutedProbabilities) {
  std::mt19937 engine(4);
  for (const Case& c : hard_cases()) {
    std::vector<std::size_t> order(c.a.size());
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), engine);
    Case permuted;
    for (const std::size_t k : order) {
      permuted.a.push_back(c.a[k]);
      permuted.b.push_back(c.b[k]);
    }
    const auto p = probabilities(c.a, c.b), q = probabilities(permuted.a, permuted.b);
    for (std::size_t k = 0; k < order.size(); ++k) ASSERT_NEAR(q[k], p[order[k]], 1e-12);
  }
}

TEST(ArmProbability, RefusesShapesOutsideItsRange) {
  EXPECT_THROW(probabilities({0.5, 1.0}, {1.0, 1.0}), Error);
  EXPECT_THROW(probabilities({1.0, 1.0}, {2e9, 1.0}), Error);
  EXPECT_THROW(probabilities({1.0, std::nan("")}, {1.0, 1.0}), Error);
}

}  // namespace
}  // namespace npo

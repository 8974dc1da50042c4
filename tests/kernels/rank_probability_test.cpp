#include "kernels/rank_probability.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/thompson.hpp"
#include "tests/kernels/exact_rank_probability.hpp"

namespace npo {
namespace {

/// What rank_probability.hpp promises.
constexpr double bound = 1e-7;

std::vector<double> ranks(const std::vector<double>& a, const std::vector<double>& b, int positions) {
  std::vector<double> p(a.size() * static_cast<std::size_t>(positions));
  rank_probabilities(a, b, positions, p);
  return p;
}

TEST(RankProbability, MatchesExactFiniteSums) {
  std::mt19937 engine(1);
  for (int i = 0; i < 30; ++i) {
    std::uniform_int_distribution<int> shape(1, i % 2 ? 6 : 25);
    const std::size_t arms = 2 + static_cast<std::size_t>(i) % 4;
    std::vector<int> a(arms), b(arms);
    for (int& x : a) x = shape(engine);
    for (int& x : b) x = shape(engine);
    const auto p = ranks({a.begin(), a.end()}, {b.begin(), b.end()}, static_cast<int>(arms));
    for (std::size_t k = 0; k < arms; ++k) {
      auto first_a = a, first_b = b;
      std::swap(first_a[0], first_a[k]);
      std::swap(first_b[0], first_b[k]);
      for (std::size_t j = 0; j < arms; ++j)
        ASSERT_NEAR(p[k * arms + j], static_cast<double>(test::exact_rank_probability(first_a, first_b, j)),
                    1e-10)
            << arms << " arms, arm " << k << ", position " << j;
    }
  }
}

/// Two quadratures that share only their panels.
TEST(RankProbability, TheFirstPositionIsTheLargestArm) {
  std::mt19937_64 engine(2);
  std::uniform_real_distribution<double> octave(0.0, 20.0);
  for (const std::size_t arms : {2u, 7u, 40u, 200u}) {
    std::vector<double> a(arms), b(arms), largest(arms);
    for (double& x : a) x = std::exp2(octave(engine));
    for (double& x : b) x = std::exp2(octave(engine));
    arm_probabilities(a, b, largest);
    const auto p = ranks(a, b, 1);
    for (std::size_t k = 0; k < arms; ++k) ASSERT_NEAR(p[k], largest[k], bound);
  }
}

struct Case {
  std::vector<double> a, b;
  int positions;
};

/// Many positions of many equal or wildly different arms: the laws rise and fall within a density.
std::vector<Case> hard_cases() {
  std::vector<Case> cases{{{1e9, 1.0, 2.5}, {1.0, 1e9, 3.5}, 3},
                          {std::vector<double>(40, 1.0), std::vector<double>(40, 1.0), 32},
                          {std::vector<double>(100, 1e6), std::vector<double>(100, 3e6), 10},
                          {std::vector<double>(1000, 3.0), std::vector<double>(1000, 90.0), 3}};
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> octave(0.0, 29.0);
  Case random{{}, {}, 8};
  for (int k = 0; k < 60; ++k) {
    random.a.push_back(std::exp2(octave(engine)));
    random.b.push_back(std::exp2(octave(engine)));
  }
  cases.push_back(random);
  return cases;
}

TEST(RankProbability, EveryPositionIsTaken) {
  for (const Case& c : hard_cases()) {
    const auto p = ranks(c.a, c.b, c.positions);
    const auto positions = static_cast<std::size_t>(c.positions);
    for (std::size_t j = 0; j < positions; ++j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < c.a.size(); ++k) sum += p[k * positions + j];
      EXPECT_NEAR(sum, 1.0, bound) << c.a.size() << " arms, position " << j;
    }
    EXPECT_GE(*std::min_element(p.begin(), p.end()), 0.0);
  }
}

TEST(RankProbability, EqualArmsShareEveryPosition) {
  for (const double shape : {1.0, 1.7, 40.0, 1e6})
    for (const std::size_t arms : {3u, 50u})
      for (const double share :
           ranks(std::vector<double>(arms, shape), std::vector<double>(arms, 2.0 * shape), 3))
        ASSERT_NEAR(share, 1.0 / static_cast<double>(arms), 1e-10);
}

TEST(RankProbability, EveryArmHasAPlace) {
  const std::vector<double> a{3.0, 1.5, 20.0, 7.0}, b{5.0, 1.0, 11.0, 90.0};
  const auto p = ranks(a, b, 4);
  for (std::size_t k = 0; k < 4; ++k)
    EXPECT_NEAR(std::accumulate(p.begin() + static_cast<std::ptrdiff_t>(4 * k),
                                p.begin() + static_cast<std::ptrdiff_t>(4 * k + 4), 0.0),
                1.0, 1e-9);
}

TEST(RankProbability, RefusesWhatIsNoRanking) {
  EXPECT_THROW(ranks({1.0, 1.0}, {1.0, 1.0}, 3), Error);
  EXPECT_THROW(ranks({1.0, 1.0}, {1.0, 1.0}, 0), Error);
  EXPECT_THROW(ranks({0.5, 1.0}, {1.0, 1.0}, 1), Error);
}

/// The production prior of the campaign "all" of the Open Bandit Dataset, and the slot probabilities its
/// authors published from 100,000 draws.
TEST(RankProbability, MatchesThePublishedSlotsOfAProductionPrior) {
  const char* data = std::getenv("NPO_DATA");
  const std::filesystem::path folder =
      data ? std::filesystem::path(data) : std::filesystem::path(NPO_SOURCE_DIR) / "../shared/data";
  std::ifstream file(folder / "obd" / "prior_bts.yaml");
  if (!file)
    GTEST_SKIP() << "no " << folder / "obd" / "prior_bts.yaml"
                 << ": set NPO_DATA";
  std::vector<double> a, b, *list = nullptr;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line[0] != ' ') inside = line == "all:";
    if (line == "  alpha:") list = inside ? &a : nullptr;
    if (line == "  beta:") list = inside ? &b : nullptr;
    if (list && line.starts_with("    - ")) list->push_back(std::stod(line.substr(6)));
  }
  ASSERT_EQ(a.size(), 80u);
  ASSERT_EQ(b.size(), 80u);
  const auto p = ranks(a, b, 3);
  const std::vector<std::pair<std::size_t, std::vector<double>>> published{{0, {.01078, .00931, .00917}},
                                                                           {1, {.00167, .00077, .00076}},
                                                                           {2, {.00580, .00614, .00631}},
                                                                           {79, {.05820, .07603, .07998}}};
  for (const auto& [arm, slots] : published)
    for (std::size_t j = 0; j < 3; ++j) {
      const double here = p[arm * 3 + j];
      EXPECT_NEAR(here, slots[j], 4.0 * std::sqrt(here * (1.0 - here) / 1e5))
          << "arm " << arm << " slot " << j;
    }
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "kernels/thompson.hpp"
#include "tests/kernels/goodness_of_fit.hpp"

namespace npo {
namespace {

std::vector<std::uint64_t> entities(std::size_t count) {
  std::mt19937_64 engine(9);
  std::vector<std::uint64_t> words(count);
  for (std::uint64_t& word : words) word = engine();
  return words;
}

struct Posteriors {
  std::vector<float> a, b;
  int arms() const { return static_cast<int>(a.size()); }
};

/// How often each arm is drawn from one set of posteriors.
std::vector<std::size_t> draw_counts(const Posteriors& p, std::size_t draws, std::uint32_t step) {
  const auto entity = entities(draws);
  std::vector<std::uint8_t> arm(draws);
  const std::vector<std::uint32_t> fleet(draws, 0);
  draw_row_arms({p.a, p.b, p.arms(), 77, step, entity, fleet}, arm, widest_simd_level());
  std::vector<std::size_t> counts(p.a.size());
  for (const std::uint8_t k : arm) ++counts[k];
  return counts;
}

std::vector<double> exact(const Posteriors& p) {
  std::vector<double> probability(p.a.size());
  arm_probabilities(std::vector<double>(p.a.begin(), p.a.end()), std::vector<double>(p.b.begin(), p.b.end()),
                    probability);
  return probability;
}

std::vector<Posteriors> cases() {
  std::vector<Posteriors> all{{{1, 1}, {1, 1}},
                              {{3, 50}, {2, 30}},
                              {{9.5f, 10.25f, 8}, {5, 6.5f, 4}},
                              {{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}},
                              {{1000, 1010, 1020, 1000, 990}, {500, 505, 500, 510, 500}}};
  Posteriors wide;
  for (int k = 0; k < 32; ++k) {
    wide.a.push_back(1.0f + static_cast<float>(k % 7));
    wide.b.push_back(1.0f + static_cast<float>(k % 5));
  }
  all.push_back(wide);
  return all;
}

TEST(DrawArms, FrequenciesFollowTheArmProbabilities) {
  for (const Posteriors& p : cases()) {
    const auto result = test::chi_square(draw_counts(p, 400000, 1), exact(p));
    EXPECT_LT(result.statistic, result.bound) << p.arms() << " arms";
  }
}

TEST(DrawArms, APlantedShiftOfAPosteriorIsCaught) {
  for (const Posteriors& p : cases()) {
    if (p.a[0] > 100.0f) continue;  // one more like among a thousand shows only in far more draws
    Posteriors shifted = p;
    shifted.a[0] += 1.0f;
    const auto result = test::chi_square(draw_counts(shifted, 400000, 1), exact(p));
    EXPECT_GT(result.statistic, result.bound) << p.arms() << " arms";
  }
}

TEST(DrawArms, TenMillionDrawsAgreeWithinFiveStandardErrors) {
  const Posteriors p{{5, 6, 7, 8, 9}, {9, 8, 7, 6.5f, 6}};
  const auto probability = exact(p);
  std::vector<double> counts(p.a.size());
  const std::size_t draws = 1000000;
  for (std::uint32_t step = 0; step < 10; ++step) {
    const auto some = draw_counts(p, draws, step);
    for (std::size_t k = 0; k < counts.size(); ++k) counts[k] += static_cast<double>(some[k]);
  }
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double error = std::sqrt(probability[k] * (1.0 - probability[k]) / 1e7);
    EXPECT_NEAR(counts[k] / 1e7, probability[k], 5.0 * error) << "arm " << k;
  }
}

/// 1003 bandits of 5 arms, so that every pack has a tail.
struct Fleet {
  static constexpr std::size_t bandits = 1003;
  static constexpr int arms = 5;
  std::vector<float> a, b;
  std::vector<std::uint64_t> entity = entities(bandits);

  Fleet() {
    std::mt19937 engine(10);
    std::uniform_real_distribution<float> shape(1.0f, 20.0f);
    for (std::size_t i = 0; i < bandits * arms; ++i) {
      a.push_back(shape(engine));
      b.push_back(shape(engine));
    }
  }
  std::vector<std::uint8_t> nightly(SimdLevel level, std::uint32_t step = 3) const {
    std::vector<std::uint8_t> arm(bandits);
    draw_arms(a, b, arms, 42, entity, step, arm, level);
    return arm;
  }
  RowArmDraws rows(const std::vector<std::uint32_t>& fleet) const {
    return {a, b, arms, 42, 3, entity, fleet};
  }
};

std::vector<std::uint32_t> fleet_codes() {
  std::vector<std::uint32_t> codes(Fleet::bandits);
  for (std::size_t i = 0; i < codes.size(); ++i)
    codes[i] = static_cast<std::uint32_t>(i * 37 % Fleet::bandits);
  return codes;
}

TEST(DrawArms, EveryLevelDrawsTheSameArms) {
  const Fleet fleet;
  const auto codes = fleet_codes();
  std::vector<std::uint8_t> expected(Fleet::bandits), got(Fleet::bandits);
  draw_row_arms(fleet.rows(codes), expected, SimdLevel::scalar);
  for (const SimdLevel level : {SimdLevel::avx2, SimdLevel::avx512}) {
    if (!supports(level)) continue;
    EXPECT_EQ(fleet.nightly(level), fleet.nightly(SimdLevel::scalar)) << name_of(level);
    draw_row_arms(fleet.rows(codes), got, level);
    EXPECT_EQ(got, expected) << name_of(level);
  }
}

TEST(DrawArms, ARowDoesNotDependOnItsBatch) {
  const Fleet fleet;
  const auto codes = fleet_codes();
  std::vector<std::uint8_t> whole(Fleet::bandits), pieces(Fleet::bandits);
  draw_row_arms(fleet.rows(codes), whole, widest_simd_level());
  for (const std::size_t cut : {1u, 7u, 64u}) {
    for (std::size_t begin = 0; begin < Fleet::bandits; begin += cut) {
      const std::size_t n = std::min(cut, Fleet::bandits - begin);
      RowArmDraws part = fleet.rows(codes);
      part.entity = part.entity.subspan(begin, n);
      part.fleet = part.fleet.subspan(begin, n);
      draw_row_arms(part, std::span(pieces).subspan(begin, n), widest_simd_level());
    }
    EXPECT_EQ(pieces, whole) << cut;
  }
}

TEST(DrawArms, AnotherStepAndAnotherPurposeAreOtherDraws) {
  const Fleet fleet;
  const auto first = fleet.nightly(SimdLevel::scalar, 3), second = fleet.nightly(SimdLevel::scalar, 4);
  std::vector<std::uint32_t> own(Fleet::bandits);
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = static_cast<std::uint32_t>(i);
  std::vector<std::uint8_t> by_row(Fleet::bandits);
  draw_row_arms(fleet.rows(own), by_row, SimdLevel::scalar);
  EXPECT_NE(first, second);
  EXPECT_NE(first, by_row);
}

TEST(DrawArms, AllBitsOfSeedAndEntityMatter) {
  const std::size_t n = 2000;
  const std::vector<float> ones(n * 2, 1.0f);
  const auto draw = [&](std::uint64_t seed, std::uint64_t entity_bit) {
    std::vector<std::uint64_t> entity(n);
    for (std::size_t i = 0; i < n; ++i) entity[i] = i ^ entity_bit;
    std::vector<std::uint8_t> arm(n);
    draw_arms(ones, ones, 2, seed, entity, 0, arm, widest_simd_level());
    return arm;
  };
  const auto plain = draw(0, 0);
  for (int bit = 12; bit < 64; ++bit)
    EXPECT_NE(draw(0, std::uint64_t{1} << bit), plain) << "entity bit " << bit;
  for (int bit = 0; bit < 64; ++bit) EXPECT_NE(draw(std::uint64_t{1} << bit, 0), plain) << "seed bit " << bit;
}

TEST(DrawArms, RefusesWhatDoesNotFit) {
  const Fleet fleet;
  std::vector<std::uint8_t> arm(Fleet::bandits);
  auto codes = fleet_codes();
  codes[500] = Fleet::bandits;
  EXPECT_THROW(draw_row_arms(fleet.rows(codes), arm, SimdLevel::scalar), Error);
  auto a = fleet.a;
  a[17] = 0.5f;
  EXPECT_THROW(draw_arms(a, fleet.b, 5, 42, fleet.entity, 3, arm, SimdLevel::scalar), Error);
  a[17] = std::nanf("");
  EXPECT_THROW(draw_arms(a, fleet.b, 5, 42, fleet.entity, 3, arm, SimdLevel::scalar), Error);
  EXPECT_THROW(draw_arms(fleet.a, fleet.b, 33, 42, fleet.entity, 3, arm, SimdLevel::scalar), Error);
  EXPECT_THROW(draw_arms(fleet.a, fleet.b, 4, 42, fleet.entity, 3, arm, SimdLevel::scalar), Error);
}

TEST(DrawArms, CudaDrawsTheSameArmsOrSaysWhyNot) {
  const Fleet fleet;
  std::vector<std::uint8_t> arm(Fleet::bandits), by_row(Fleet::bandits), expected(Fleet::bandits);
  const auto codes = fleet_codes();
  if (device_count() == 0) {
    EXPECT_THROW(draw_arms_cuda(fleet.a, fleet.b, 5, 42, fleet.entity, 3, arm, 0), Error);
    EXPECT_THROW(draw_row_arms_cuda(fleet.rows(codes), by_row, 0), Error);
    GTEST_SKIP() << "no CUDA device";
  }
  draw_arms_cuda(fleet.a, fleet.b, 5, 42, fleet.entity, 3, arm, 0);
  EXPECT_EQ(arm, fleet.nightly(SimdLevel::scalar));
  draw_row_arms_cuda(fleet.rows(codes), by_row, 0);
  draw_row_arms(fleet.rows(codes), expected, SimdLevel::scalar);
  EXPECT_EQ(by_row, expected);
}

}  // namespace
}  // namespace npo

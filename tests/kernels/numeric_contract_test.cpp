#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "kernels/elementary64.hpp"
#include "kernels/philox.hpp"
#include "kernels/thompson.hpp"
#include "kernels/uniform.hpp"
#include "kernels/vocabulary.hpp"
#include "tests/kernels/lane_probe.hpp"

/// Golden hashes of the numeric foundation: the same on every machine and from every compiler. A change to
/// one of them changes results, and so needs another `numeric_contract_version`.
namespace npo {
namespace {

using test::Function;

class Hash {
 public:
  void add(std::uint64_t word) { value_ = (value_ ^ word) * 1099511628211u; }
  void add(float x) { add(std::uint64_t{std::bit_cast<std::uint32_t>(x)}); }
  void add(double x) { add(std::bit_cast<std::uint64_t>(x)); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 14695981039346656037u;
};

std::uint64_t hash_of(Function f, std::uint64_t first, std::uint64_t last) {
  std::vector<float> in;
  for (std::uint64_t bits = first; bits <= last; bits += 3001)
    in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  std::vector<float> out(in.size());
  test::scalar_probe.apply(f, in.data(), out.data(), in.size());
  Hash hash;
  for (const float y : out) hash.add(y);
  return hash.value();
}

TEST(NumericContract, FloatFunctions) {
  EXPECT_EQ(hash_of(Function::log, 0, 0xffffffffu), 0x743118af0c03bc40u);
  EXPECT_EQ(hash_of(Function::exp, 0, 0xffffffffu), 0xef8822af6329d92fu);
  EXPECT_EQ(hash_of(Function::sigmoid, 0, 0xffffffffu), 0x3a24207cf32a35c6u);
  EXPECT_EQ(hash_of(Function::log1p, 0, 0xffffffffu), 0xdb920b0260bd5438u);
  EXPECT_EQ(hash_of(Function::logit, 0, 0x7f800000u), 0xee609e4fdef116a2u);
  EXPECT_EQ(hash_of(Function::shift_log_odds, 0, 0xffffffffu), 0xdda03cc76be19303u);
  EXPECT_EQ(hash_of(Function::normal_quantile, 0x00800000u, 0x3f7fffffu), 0x531c7b2ffe5ada29u);
}

TEST(NumericContract, DoubleFunctions) {
  Hash hash;
  const PhiloxKey key(1);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const PhiloxWords w = philox(philox_counter(RandomPurpose::test, i, 0, 0), key);
    const double u = uniform_open64(w.word[0], w.word[1]),
                 z = 1400.0 * uniform_open64(w.word[2], w.word[3]) - 700.0;
    hash.add(elementary64::log(u));
    hash.add(elementary64::log1p(z + 701.0));
    hash.add(elementary64::log1p_minus_x(u));
    hash.add(elementary64::exp(z));
    hash.add(elementary64::sigmoid(z));
    hash.add(elementary64::logit(u));
    hash.add(elementary64::pow(u, z / 100.0));
    hash.add(elementary64::lgamma(1.0 + (z + 700.0) * u));
  }
  EXPECT_EQ(hash.value(), 0x70305458672ffdfau);
}

TEST(NumericContract, BetaDraws) {
  const std::size_t n = 4096;
  std::vector<float> x(n), y(n);
  std::vector<std::uint32_t> tries(n);
  Hash hash;
  for (const auto& [a, b] : {std::pair{1.0f, 1.0f}, {50.0f, 1.0f}, {2.5f, 7.25f}, {1e6f, 3e5f}}) {
    test::scalar_probe.betas({a, b, 20261121, 1, 2, 3, n}, x.data(), y.data(), tries.data());
    for (const std::uint32_t word : tries) hash.add(std::uint64_t{word});
  }
  EXPECT_EQ(hash.value(), 0x5126365ad244dfc5u);
}

TEST(NumericContract, ArmProbabilities) {
  const std::vector<double> a{1.0, 3.5, 120.0, 1e6, 7.0}, b{1.0, 2.25, 80.0, 6e5, 5.0};
  std::vector<double> p(a.size());
  arm_probabilities(a, b, p);
  Hash hash;
  for (const double x : p) hash.add(x);
  EXPECT_EQ(hash.value(), 0xbc5771f6d70e0699u);
}

TEST(NumericContract, ArmDraws) {
  const std::size_t bandits = 2000;
  const int arms = 5;
  std::vector<float> a, b;
  std::vector<std::uint64_t> entity;
  for (std::size_t i = 0; i < bandits; ++i) {
    entity.push_back(0x9e3779b97f4a7c15u * (i + 1));
    for (std::size_t k = 0; k < arms; ++k) {
      a.push_back(1.0f + static_cast<float>((i + k) % 23));
      b.push_back(1.0f + static_cast<float>((i * k) % 17) / 4.0f);
    }
  }
  std::vector<std::uint8_t> arm(bandits);
  draw_arms(a, b, arms, 20261121, entity, 12, arm, SimdLevel::scalar);
  Hash hash;
  for (const std::uint8_t k : arm) hash.add(std::uint64_t{k});
  EXPECT_EQ(hash.value(), 0xc1121431d1e6250eu);
}

TEST(NumericContract, HasTheVersionTheseHashesBelongTo) {
  EXPECT_EQ(numeric_contract_version, 4);
}

}  // namespace
}  // namespace npo

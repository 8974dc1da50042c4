#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/simd_level.hpp"
#include "tests/kernels/lane_probe.hpp"

namespace npo {
namespace {

using test::Function;
using test::probe_of;

/// Every wider lane type must give the bits of the scalar one.
class WideLanes : public testing::TestWithParam<SimdLevel> {
 protected:
  void SetUp() override {
    if (!supports(GetParam())) GTEST_SKIP() << "this machine has no " << name_of(GetParam());
  }
  const test::LaneProbe& wide() const { return probe_of(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Levels, WideLanes, testing::Values(SimdLevel::avx2, SimdLevel::avx512),
                         [](const auto& level) { return std::string(name_of(level.param)); });

std::vector<std::uint32_t> random_words(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<std::uint32_t> words(count);
  for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(engine());
  return words;
}

std::vector<float> ordinary_floats(std::size_t count, unsigned seed) {
  std::vector<float> values;
  for (const std::uint32_t word : random_words(count, seed)) {
    const float sign = word & 1 ? 1.0f : -1.0f;
    values.push_back(sign * std::bit_cast<float>((word >> 9) | 0x3f800000u) *
                     std::exp2(float(word >> 1 & 63) - 32.0f));
  }
  return values;
}

TEST_P(WideLanes, VocabularyGivesTheSameBits) {
  const std::size_t n = 4096;
  std::vector<float> a = ordinary_floats(n, 1), b = ordinary_floats(n, 2), c = ordinary_floats(n, 3);
  const float extremes[] = {
      0.0f,   -0.0f, 1.0f, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
      1e-40f, 3e38f};
  // Sums of opposite infinities are left out: the sign of a NaN made by arithmetic is nobody's contract.
  for (std::size_t i = 0; i < 7; ++i) a[i * 37 + 100] = extremes[i];
  for (std::size_t i = 0; i < n; i += 17) b[i] = a[i] == 0.0f || !std::isfinite(a[i]) ? 2.0f : a[i];  // ties
  const auto u = random_words(n, 4);
  auto v = random_words(n, 5);
  for (std::size_t i = 0; i < n; i += 13) v[i] = u[i];
  std::vector<std::uint32_t> expected(n * test::vocabulary_size), got(expected.size());
  test::scalar_probe.vocabulary(a.data(), b.data(), c.data(), u.data(), v.data(), expected.data(), n);
  wide().vocabulary(a.data(), b.data(), c.data(), u.data(), v.data(), got.data(), n);
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_EQ(got[i], expected[i]) << "operation " << i / n << " of item " << i % n;
}

TEST_P(WideLanes, FunctionsGiveTheSameBitsOverAllFloats) {
  const auto compare = [&](Function f, std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
    std::vector<float> in;
    for (std::uint64_t bits = first; bits <= last; bits += stride)
      in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    std::vector<float> expected(in.size()), got(in.size());
    test::scalar_probe.apply(f, in.data(), expected.data(), in.size());
    wide().apply(f, in.data(), got.data(), in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(got[i]), std::bit_cast<std::uint32_t>(expected[i]))
          << "function " << static_cast<int>(f) << " at " << in[i];
    }
  };
  for (const Function f :
       {Function::log, Function::exp, Function::sigmoid, Function::log1p, Function::shift_log_odds})
    compare(f, 0, 0xffffffffu, 4099);  // NaNs and infinities of both signs included
  compare(Function::logit, 0, 0x7f800000u, 1021);
  compare(Function::normal_quantile, 0x00800000u, 0x3f7fffffu, 1021);
}

TEST_P(WideLanes, PhiloxGivesTheSameWords) {
  const std::size_t n = 1024;
  const auto x0 = random_words(n, 11), x1 = random_words(n, 12), x2 = random_words(n, 13),
             x3 = random_words(n, 14);
  const std::uint32_t* const counter[4] = {x0.data(), x1.data(), x2.data(), x3.data()};
  for (const auto path :
       {&test::LaneProbe::philox, &test::LaneProbe::philox_shared, &test::LaneProbe::philox_shared_step}) {
    std::vector<std::uint32_t> expected(4 * n), got(4 * n);
    (test::scalar_probe.*path)(0x123456789abcdef0u, counter, expected.data(), n);
    (wide().*path)(0x123456789abcdef0u, counter, got.data(), n);
    EXPECT_EQ(got, expected);
  }
}

TEST_P(WideLanes, EveryGammaOfEveryTryHasTheSameBits) {
  const std::size_t n = 16384;
  for (const auto& [a, b] :
       {std::pair{1.0f, 1.0f}, {50.0f, 1.0f}, {1.0f, 1e9f}, {2.5f, 7.25f}, {1e6f, 3e5f}}) {
    const test::BetaRequest request{a, b, 99, 3, 0, 1000, n};
    std::vector<float> x(n), y(n), wide_x(n), wide_y(n);
    std::vector<std::uint32_t> hash(n), wide_hash(n);
    test::scalar_probe.betas(request, x.data(), y.data(), hash.data());
    wide().betas(request, wide_x.data(), wide_y.data(), wide_hash.data());
    EXPECT_EQ(wide_hash, hash) << "Beta(" << a << ", " << b << ")";
    EXPECT_EQ(wide_x, x);
    EXPECT_EQ(wide_y, y);
  }
}

TEST(SimdLevel, KnowsItsNamesAndWhatItCanRun) {
  EXPECT_TRUE(supports(SimdLevel::scalar));
  EXPECT_TRUE(supports(widest_simd_level()));
  EXPECT_EQ(name_of(SimdLevel::scalar), "scalar");
  EXPECT_EQ(name_of(SimdLevel::avx2), "avx2");
  EXPECT_EQ(name_of(SimdLevel::avx512), "avx512");
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include "kernels/beta_sampler.hpp"
#include "tests/kernels/beta_fit.hpp"
#include "tests/kernels/lane_probe.hpp"

/// The Beta sampler against Boost's incomplete beta function with ten million draws a shape.
namespace npo {
namespace {

constexpr std::size_t draws = 10'000'000;

test::Gammas drawn(float a, float b) {
  test::Gammas gammas{std::vector<float>(draws), std::vector<float>(draws)};
  std::vector<std::uint32_t> hash(draws);
  test::probe_of(widest_simd_level())
      .betas({a, b, 20261121, 3, 0, 0, draws}, gammas.x.data(), gammas.y.data(), hash.data());
  return gammas;
}

struct Shapes {
  float a, b;
};

class TenMillionBetas : public testing::TestWithParam<Shapes> {};

TEST_P(TenMillionBetas, FollowTheDistributionFunction) {
  const auto [a, b] = GetParam();
  const test::Fit result = test::fit_of(test::through_sampled_law(drawn(a, b), a, b));
  EXPECT_LT(result.kolmogorov_smirnov, test::kolmogorov_smirnov_bound);
  EXPECT_LT(result.anderson_darling, test::anderson_darling_bound);
}

INSTANTIATE_TEST_SUITE_P(Shapes, TenMillionBetas,
                         testing::Values(Shapes{1.0f, 1.0f}, Shapes{1.0f, 2.0f}, Shapes{50.0f, 1.0f},
                                         Shapes{2.5f, 30.0f}, Shapes{1000.0f, 3.0f}, Shapes{1.0f, 1e4f},
                                         Shapes{1e4f, 1e4f}, Shapes{1e6f, 1.0f}, Shapes{1e6f, 2e4f},
                                         Shapes{1e6f, 1e6f}));

class ShiftedShape : public testing::TestWithParam<Shapes> {};

/// A shape off by one up to 1e4, by a thousandth beyond. (Next to a small shape a large one is known to 1 /
/// sqrt(draws) of itself at best, so that no test could tell 10001 from 10000 there.)
TEST_P(ShiftedShape, IsCaught) {
  const auto [a, b] = GetParam();
  const float wrong = a <= 1e4f ? a + 1.0f : a * 1.001f;
  EXPECT_FALSE(test::fit_of(test::through_sampled_law(drawn(wrong, b), a, b)).accepted());
}

INSTANTIATE_TEST_SUITE_P(Shapes, ShiftedShape,
                         testing::Values(Shapes{1.0f, 1.0f}, Shapes{50.0f, 1.0f}, Shapes{100.0f, 3.0f},
                                         Shapes{1e4f, 1e4f}, Shapes{1e6f, 2e4f}, Shapes{1e6f, 1e6f}));

}  // namespace
}  // namespace npo

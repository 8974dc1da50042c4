#include "kernels/elementary64.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "tests/kernels/ulp.hpp"

namespace npo {
namespace {

using test::ulps;

constexpr int samples = 300000;
constexpr double inf = std::numeric_limits<double>::infinity();

/// The worst error over random arguments made by `draw`.
template <class Ours, class Reference, class Draw>
double worst(Ours ours, Reference reference, Draw draw) {
  std::mt19937_64 engine(20261121);
  double most = 0.0;
  for (int i = 0; i < samples; ++i) {
    const double x = draw(engine);
    most = std::max(most, ulps(ours(x), reference(static_cast<long double>(x))));
  }
  return most;
}

auto uniform(double low, double high) {
  return [=](std::mt19937_64& engine) { return std::uniform_real_distribution(low, high)(engine); };
}

/// Both signs, magnitudes spread over octaves.
auto octaves(double low, double high, bool both_signs) {
  return [=](std::mt19937_64& engine) {
    const double x = std::exp2(std::uniform_real_distribution(low, high)(engine));
    return both_signs && (engine() & 1) ? -x : x;
  };
}

double any_positive(std::mt19937_64& engine) {
  return std::bit_cast<double>(engine() % 0x7ff0000000000000u);
}

TEST(Elementary64, LogIsWithinItsBound) {
  const auto reference = [](long double x) { return std::log(x); };
  EXPECT_LT(worst(elementary64::log, reference, any_positive), 0.55);
  EXPECT_LT(worst(elementary64::log, reference, uniform(0.5, 2.0)), 0.55);
  EXPECT_EQ(elementary64::log(0.0), -inf);
  EXPECT_EQ(elementary64::log(inf), inf);
  EXPECT_TRUE(std::isnan(elementary64::log(-1.0)));
}

TEST(Elementary64, Log1pIsWithinItsBound) {
  const auto reference = [](long double x) { return std::log1p(x); };
  EXPECT_LT(worst(elementary64::log1p, reference, octaves(-60, -0.001, true)), 0.7);
  EXPECT_LT(worst(elementary64::log1p, reference, octaves(-1, 300, false)), 0.7);
  EXPECT_EQ(elementary64::log1p(-1.0), -inf);
  EXPECT_TRUE(std::isnan(elementary64::log1p(-1.5)));
}

TEST(Elementary64, Log1pMinusXHasNoCancellation) {
  const auto series = [](long double x) {  // |x| <= 1/8: 21 terms reach 2^-64
    long double sum = 0.0L, power = x * x;
    for (int k = 2; k < 26; ++k, power *= x) sum += (k % 2 ? power : -power) / k;
    return sum;
  };
  EXPECT_LT(worst(elementary64::log1p_minus_x, series, octaves(-40, -3, true)), 5.0);
  const auto direct = [](long double x) { return std::log1p(x) - x; };
  EXPECT_LT(worst(elementary64::log1p_minus_x, direct, octaves(-3, -0.01, true)), 5.0);
  EXPECT_LT(worst(elementary64::log1p_minus_x, direct, octaves(-3, 40, false)), 5.0);
}

TEST(Elementary64, ExpIsWithinItsBound) {
  const auto reference = [](long double x) { return std::exp(x); };
  EXPECT_LT(worst(elementary64::exp, reference, uniform(-746.0, 709.78)), 1.0);
  EXPECT_LT(worst(elementary64::exp, reference, octaves(-60, 1, true)), 1.0);
  EXPECT_EQ(elementary64::exp(-inf), 0.0);
  EXPECT_EQ(elementary64::exp(inf), inf);
  EXPECT_EQ(elementary64::exp(0.0), 1.0);
  EXPECT_TRUE(std::isnan(elementary64::exp(std::nan(""))));
}

TEST(Elementary64, SigmoidIsWithinItsBound) {
  const auto reference = [](long double z) { return 1.0L / (1.0L + std::exp(-z)); };
  EXPECT_LT(worst(elementary64::sigmoid, reference, uniform(-740.0, 50.0)), 2.5);
  EXPECT_LT(worst(elementary64::sigmoid, reference, uniform(-4.0, 4.0)), 2.5);
  EXPECT_EQ(elementary64::sigmoid(-inf), 0.0);
  EXPECT_EQ(elementary64::sigmoid(inf), 1.0);
}

TEST(Elementary64, LogitIsWithinItsBound) {
  const auto tail = [](long double p) { return std::log(p) - std::log1p(-p); };
  const auto middle = [](long double p) { return std::log1p((2.0L * p - 1.0L) / (1.0L - p)); };
  EXPECT_LT(worst(elementary64::logit, tail, octaves(-1000, -1.4, false)), 2.5);
  EXPECT_LT(worst(elementary64::logit, middle, uniform(0.35, 1.0)), 2.5);
}

TEST(Elementary64, PowIsWithinItsBound) {
  std::mt19937_64 engine(3);
  double most = 0.0;
  for (int i = 0; i < samples; ++i) {
    const double x = octaves(-40, 40, false)(engine), y = uniform(-20.0, 20.0)(engine);
    const long double want = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    most = std::max(most, ulps(elementary64::pow(x, y), want));
  }
  EXPECT_LT(most, 1.0);
  EXPECT_EQ(elementary64::pow(5.0, 0.0), 1.0);
  EXPECT_EQ(elementary64::pow(1.0, 123.0), 1.0);
}

TEST(Elementary64, LgammaIsWithinItsBound) {
  std::mt19937_64 engine(4);
  for (int i = 0; i < samples / 10; ++i) {
    const double x = 1.0 + octaves(-20, 40, false)(engine);
    const long double want = boost::math::lgamma(static_cast<long double>(x));
    ASSERT_LE(std::fabs(elementary64::lgamma(x) - want), 0x1p-51L * std::max(1.0L, want)) << x;
  }
  EXPECT_NEAR(elementary64::lgamma(1.0), 0.0, 0x1p-51);
  EXPECT_NEAR(elementary64::lgamma(2.0), 0.0, 0x1p-51);
}

}  // namespace
}  // namespace npo

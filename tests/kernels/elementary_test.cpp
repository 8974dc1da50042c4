#include "kernels/elementary.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/kernels/ulp.hpp"

namespace npo {
namespace {

using L = lane::Scalar;
using test::ulps;

constexpr std::uint32_t infinity_bits = 0x7f800000u;

/// The worst error of `ours` over every `stride`-th float with bits in [first, last].
template <class Ours, class Reference>
double worst(Ours ours, Reference reference, std::uint32_t first, std::uint32_t last, std::uint32_t stride) {
  double most = 0.0;
  for (std::uint64_t bits = first; bits <= last; bits += stride) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    most = std::max(most, ulps(ours(x), reference(static_cast<long double>(x))));
  }
  return most;
}

constexpr std::uint32_t bits_of(float x) {
  return std::bit_cast<std::uint32_t>(x);
}
constexpr std::uint32_t sign = 0x80000000u;

TEST(Elementary, LogIsWithinItsBound) {
  const auto log = [](float x) { return elementary::log<L>(x); };
  const auto reference = [](long double x) { return std::log(x); };
  EXPECT_LT(worst(log, reference, 1, infinity_bits - 1, 997), 0.83);
  EXPECT_LT(worst(log, reference, bits_of(0.7f), bits_of(1.5f), 7), 0.83);
}

TEST(Elementary, ExpIsWithinItsBound) {
  const auto exp = [](float x) { return elementary::exp<L>(x); };
  const auto reference = [](long double x) { return std::exp(x); };
  EXPECT_LT(worst(exp, reference, 0, bits_of(89.0f), 499), 1.02);
  EXPECT_LT(worst(exp, reference, sign, sign | bits_of(110.0f), 499), 1.02);
  EXPECT_LT(worst(exp, reference, bits_of(88.0f), bits_of(88.8f), 1), 1.02);
  EXPECT_LT(worst(exp, reference, sign | bits_of(87.0f), sign | bits_of(104.5f), 3),
            1.0);  // subnormal results
}

TEST(Elementary, SigmoidIsWithinItsBound) {
  const auto sigmoid = [](float x) { return elementary::sigmoid<L>(x); };
  const auto reference = [](long double x) { return 1.0L / (1.0L + std::exp(-x)); };
  EXPECT_LT(worst(sigmoid, reference, 0, bits_of(110.0f), 499), 2.5);
  EXPECT_LT(worst(sigmoid, reference, sign, sign | bits_of(110.0f), 499), 2.5);
}

TEST(Elementary, LogitIsWithinItsBound) {
  const auto logit = [](float p) { return elementary::logit<L>(p); };
  const auto reference = [](long double p) { return std::log(p) - std::log1p(-p); };
  const auto near_half = [](long double p) { return std::log1p((2.0L * p - 1.0L) / (1.0L - p)); };
  EXPECT_LT(worst(logit, reference, bits_of(1e-6f), bits_of(0.4f), 97), 2.0);
  EXPECT_LT(worst(logit, near_half, bits_of(0.4f), bits_of(0.6f), 7), 2.0);
  EXPECT_LT(worst(logit, near_half, bits_of(0.6f), bits_of(0.999999f), 7), 2.0);
}

TEST(Elementary, ShiftOfLogOddsIsWithinItsBound) {
  // 1 - p of a float below 1/2 is rounded: half an ulp of the odds more than where it is exact.
  for (const float p : {1e-6f, 1e-3f, 0.1f, 0.3f, 0.5f, 0.7f, 0.99f, 0.999f, 0.999999f}) {
    const auto shift = [p](float c) { return elementary::shift_log_odds<L>(p, c); };
    const auto reference = [p](long double c) {
      const long double odds =
          static_cast<long double>(p) / (1.0L - static_cast<long double>(p)) * std::exp(c);
      return odds / (1.0L + odds);
    };
    EXPECT_LT(worst(shift, reference, 0, bits_of(70.0f), 1999), 4.0) << p;
    EXPECT_LT(worst(shift, reference, sign, sign | bits_of(70.0f), 1999), 4.0) << p;
  }
}

TEST(Elementary, Log1pIsWithinItsBound) {
  const auto log1p = [](float x) { return elementary::log1p<L>(x); };
  const auto reference = [](long double x) { return std::log1p(x); };
  EXPECT_LT(worst(log1p, reference, 0, infinity_bits - 1, 997), 1.5);
  EXPECT_LT(worst(log1p, reference, sign, sign | (bits_of(1.0f) - 1), 499), 1.5);
  EXPECT_LT(worst(log1p, reference, bits_of(0.01f), bits_of(10.0f), 31), 1.5);
}

TEST(Elementary, NormalQuantileIsWithinItsBound) {
  const auto quantile = [](float p) { return elementary::normal_quantile<L>(p); };
  const auto reference = [](long double p) {
    return p < 0.5L ? -std::sqrt(2.0L) * boost::math::erfc_inv(2.0L * p)
                    : std::sqrt(2.0L) * boost::math::erfc_inv(2.0L * (1.0L - p));
  };
  EXPECT_LT(worst(quantile, reference, 0x00800000u, bits_of(0.4f), 19997), 5.0);
  EXPECT_LT(worst(quantile, reference, bits_of(0.4f), bits_of(1.0f) - 1, 997), 5.0);
}

/// The worst arguments that a sweep over nearly every float found; a coarser sweep steps over them.
TEST(Elementary, WorstKnownArgumentsAreWithinTheBounds) {
  const auto around = [](auto ours, auto reference, float x) {
    const std::uint32_t bits = bits_of(x);
    return worst(ours, reference, bits - 2000, bits + 2000, 1);
  };
  // Always inlined, the functions have no addresses that every compiler may call.
  const auto our_log = [](float x) { return elementary::log<L>(x); };
  const auto our_exp = [](float x) { return elementary::exp<L>(x); };
  const auto our_sigmoid = [](float x) { return elementary::sigmoid<L>(x); };
  const auto our_log1p = [](float x) { return elementary::log1p<L>(x); };
  const auto our_logit = [](float p) { return elementary::logit<L>(p); };
  const auto log = [](long double x) { return std::log(x); };
  const auto exp = [](long double x) { return std::exp(x); };
  const auto sigmoid = [](long double x) { return 1.0L / (1.0L + std::exp(-x)); };
  const auto log1p = [](long double x) { return std::log1p(x); };
  const auto logit = [](long double p) { return std::log1p((2.0L * p - 1.0L) / (1.0L - p)); };
  EXPECT_LT(around(our_log, log, 0x1.69e472p+0f), 0.83);
  EXPECT_LT(around(our_exp, exp, 0x1.f41336p+3f), 1.02);
  EXPECT_LT(around(our_exp, exp, -0x1.782f42p+2f), 1.02);
  EXPECT_LT(around(our_sigmoid, sigmoid, -0x1.62bc8p+2f), 2.5);
  EXPECT_LT(around(our_log1p, log1p, 0x1.a7e4acp-2f), 1.5);
  EXPECT_LT(around(our_log1p, log1p, -0x1.800004p-24f), 1.5);
  EXPECT_LT(around(our_logit, logit, 0x1.c0c936p-2f), 2.0);
}

TEST(Elementary, SpecialValues) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto is_the_nan = [](float x) { return bits_of(x) == 0x7fc00000u; };
  const float nan = std::bit_cast<float>(0xffc12345u);
  EXPECT_EQ(elementary::log<L>(0.0f), -inf);
  EXPECT_EQ(elementary::log<L>(inf), inf);
  EXPECT_EQ(elementary::log<L>(1.0f), 0.0f);
  EXPECT_EQ(elementary::exp<L>(-inf), 0.0f);
  EXPECT_EQ(elementary::exp<L>(inf), inf);
  EXPECT_EQ(elementary::exp<L>(0.0f), 1.0f);
  EXPECT_EQ(elementary::sigmoid<L>(-inf), 0.0f);
  EXPECT_EQ(elementary::sigmoid<L>(inf), 1.0f);
  EXPECT_EQ(elementary::sigmoid<L>(0.0f), 0.5f);
  EXPECT_EQ(elementary::log1p<L>(-1.0f), -inf);
  EXPECT_EQ(elementary::log1p<L>(inf), inf);
  EXPECT_EQ(elementary::normal_quantile<L>(0.5f), 0.0f);
  EXPECT_TRUE(is_the_nan(elementary::log<L>(-1.0f)));
  EXPECT_TRUE(is_the_nan(elementary::log1p<L>(-2.0f)));
  for (const auto f : {elementary::log<L>, elementary::exp<L>, elementary::sigmoid<L>, elementary::log1p<L>})
    EXPECT_TRUE(is_the_nan(f(nan)));
}

TEST(Elementary, LogitClampsAtOneMillionth) {
  EXPECT_EQ(elementary::logit<L>(0.5f), 0.0f);
  EXPECT_EQ(elementary::logit<L>(0.0f), elementary::logit<L>(1e-6f));
  EXPECT_EQ(elementary::logit<L>(1.0f), elementary::logit<L>(0.999999f));
  EXPECT_NEAR(elementary::logit<L>(0.0f), -13.815510f, 1e-5f);
}

TEST(Elementary, SigmoidGivesBackTheScoreOfItsLogit) {
  // Unchanged features give the learned score back (spec section 2), up to what log-odds in float can hold:
  // half an ulp of 13.8 is 4.8e-7, which moves p by at most that times p (1 - p).
  for (float p = 1e-6f; p < 0.999999f; p += 1.7e-5f)
    ASSERT_NEAR(elementary::sigmoid<L>(elementary::logit<L>(p)), p, 1.5e-6f * p * (1.0f - p) + 1.2e-7f * p)
        << p;
}

TEST(Elementary, ShiftByADifferenceOfLogitsGivesTheOtherScore) {
  // The difference of two logits is a float of at most 27.6 (half an ulp: 9.5e-7), each logit good to 2 ulp
  // of at most 13.8 (1.9e-6 in all), and 4 ulp of the result on top.
  for (const float m : {1e-6f, 0.01f, 0.5f, 0.9f, 0.999999f})
    for (float p = 1e-6f; p < 0.999999f; p += 1.7e-5f) {
      const float c = elementary::logit<L>(p) - elementary::logit<L>(m);
      ASSERT_NEAR(elementary::shift_log_odds<L>(m, c), p, 3e-6f * p * (1.0f - p) + 4.8e-7f * p) << m;
    }
}

TEST(Elementary, ShiftOfLogOddsClampsAsLogitDoes) {
  EXPECT_EQ(elementary::shift_log_odds<L>(0.0f, 1.0f), elementary::shift_log_odds<L>(1e-6f, 1.0f));
  EXPECT_EQ(elementary::shift_log_odds<L>(1.0f, -1.0f), elementary::shift_log_odds<L>(0.999999f, -1.0f));
  EXPECT_EQ(elementary::shift_log_odds<L>(0.5f, 200.0f), 1.0f);
  EXPECT_EQ(elementary::shift_log_odds<L>(0.5f, -200.0f), 0.0f);
}

}  // namespace
}  // namespace npo

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "kernels/device.hpp"
#include "tests/kernels/device_probe.hpp"

namespace npo {
namespace {

using test::Function;

/// A CUDA thread must give the bits of the CPU.
class DeviceLanes : public testing::Test {
 protected:
  void SetUp() override {
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  }
};

void compare(Function f, std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  std::vector<float> in;
  for (std::uint64_t bits = first; bits <= last; bits += stride)
    in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  std::vector<float> expected(in.size()), got(in.size());
  test::scalar_probe.apply(f, in.data(), expected.data(), in.size());
  test::apply_on_device(f, in.data(), got.data(), in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(got[i]), std::bit_cast<std::uint32_t>(expected[i]))
        << "function " << static_cast<int>(f) << " at " << in[i];
  }
}

TEST_F(DeviceLanes, FunctionsGiveTheBitsOfTheCpuOverAllFloats) {
  for (const Function f :
       {Function::log, Function::exp, Function::sigmoid, Function::log1p, Function::shift_log_odds})
    compare(f, 0, 0xffffffffu, 251);  // NaNs and infinities of both signs included
  compare(Function::logit, 0, 0x7f800000u, 127);
  compare(Function::normal_quantile, 0x00800000u, 0x3f7fffffu, 127);
}

TEST_F(DeviceLanes, EveryGammaOfEveryTryHasTheBitsOfTheCpu) {
  const std::size_t n = 1 << 18;
  for (const auto& [a, b] :
       {std::pair{1.0f, 1.0f}, {50.0f, 1.0f}, {1.0f, 1e9f}, {2.5f, 7.25f}, {1e6f, 3e5f}}) {
    const test::BetaRequest request{a, b, 99, 3, 0, 1000, n};
    std::vector<float> x(n), y(n), device_x(n), device_y(n);
    std::vector<std::uint32_t> hash(n), device_hash(n);
    test::scalar_probe.betas(request, x.data(), y.data(), hash.data());
    test::betas_on_device(request, device_x.data(), device_y.data(), device_hash.data());
    EXPECT_EQ(device_hash, hash) << "Beta(" << a << ", " << b << ")";
    EXPECT_EQ(device_x, x);
    EXPECT_EQ(device_y, y);
  }
}

}  // namespace
}  // namespace npo

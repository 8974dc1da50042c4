#include <gtest/gtest.h>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "tests/kernels/bandit_samples.hpp"

namespace npo {
namespace {

using bandit_test::assorted_points;
using bandit_test::bits_of;
using bandit_test::checkpoints;

TEST(BanditCuda, SaysWhyADeviceCannotBeUsed) {
  StudyBlock block;
  try {
    simulate_bandits_cuda(BanditPoint{}, {1, 0}, {0, 4}, checkpoints, device_count(), block);
    FAIL() << "device " << device_count() << " does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::device);
  }
}

TEST(BanditCuda, SameBitsAsTheCpu) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  for (const BanditPoint& point : assorted_points()) {
    StudyBlock block;
    simulate_bandits_cuda(point, {7, 0}, {3, 300}, checkpoints, 0, block);
    EXPECT_EQ(bits_of(block), bandit_test::simulated(point, {3, 300}, SimdLevel::scalar))
        << bandit_test::text_of(point);
  }
}

}  // namespace
}  // namespace npo

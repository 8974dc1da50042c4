#include <gtest/gtest.h>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "tests/kernels/loop_samples.hpp"

namespace npo {
namespace {

TEST(LoopCuda, SaysWhyADeviceCannotBeUsed) {
  StudyBlock block;
  const std::vector<std::uint32_t> checkpoints{10};
  try {
    simulate_loops_cuda({}, {}, {0, 1}, checkpoints, device_count(), block);
    FAIL() << "device " << device_count() << " does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::device);
  }
}

TEST(LoopCuda, SameBitsAsTheCpu) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  for (const auto& sample : loop_test::samples()) {
    const auto checkpoints = loop_test::checkpoints_to(sample.point.horizon);
    StudyBlock cpu, gpu;
    simulate_loops(sample.point, {7, 3}, {100, 150}, checkpoints, SimdLevel::scalar, cpu);
    simulate_loops_cuda(sample.point, {7, 3}, {100, 150}, checkpoints, 0, gpu);
    EXPECT_EQ(loop_test::records(gpu), loop_test::records(cpu)) << sample.name;
  }
}

}  // namespace
}  // namespace npo

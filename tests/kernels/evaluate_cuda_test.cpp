#include <gtest/gtest.h>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "kernels/score_histogram.hpp"
#include "tests/kernels/metric_table.hpp"
#include "tests/kernels/naive_bootstrap.hpp"

/// The CUDA drivers of the evaluation kernels against the CPU drivers, bit for bit; skipped without a device.
namespace npo {
namespace {

TEST(EvaluateCuda, SaysWhyADeviceCannotBeUsed) {
  const int missing = device_count();
  const test::BootstrapTable table(10, 1, 1);
  BootstrapSums sums({1, 8, 1, 1});
  ScoreHistogram histogram({8});
  for (const auto& use : std::vector<std::function<void()>>{
           [&] { sums.add_on_device(table.units(), missing); },
           [&] {
             histogram.add_on_device(std::vector<float>{0.5f}, std::vector<std::uint8_t>{1}, missing);
           }}) {
    try {
      use();
      FAIL() << "device " << missing << " does not exist";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::device);
    }
  }
}

TEST(EvaluateCuda, BootstrapTotalsEqualTheCpus) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  for (const std::size_t segments : {1u, 100u})
    for (const std::uint32_t replicates : {1u, 200u, 2000u}) {
      test::BootstrapTable table(9000, 3, 51);
      table.draw_segments(segments);
      const BootstrapPlan plan{7, replicates, 3, segments};
      BootstrapSums cpu(plan), gpu(plan);
      cpu.add(table.units(), widest_simd_level());
      gpu.add_on_device(table.units(), 0);
      for (std::size_t g = 0; g < segments; ++g)
        for (std::size_t c = 0; c < 3; ++c)
          ASSERT_TRUE(std::ranges::equal(gpu.replicates(g, c), cpu.replicates(g, c))) << g << " " << c;
    }
}

TEST(EvaluateCuda, HistogramsEqualTheCpus) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  test::MetricTable table(1'200'000, 1 << 22, false, 52);  // more rows than a launch has threads
  table.label[5] = 255;
  ScoreHistogram cpu({16}), gpu({16});
  cpu.add(table.score, table.label);
  gpu.add_on_device(table.score, table.label, 0);
  EXPECT_EQ(gpu, cpu);
  table.score[777] = 1.5f;
  EXPECT_THROW(gpu.add_on_device(table.score, table.label, 0), Error);
  EXPECT_EQ(gpu, cpu) << "a refused batch leaves nothing behind";
}

}  // namespace
}  // namespace npo

#include "tests/emulated_device/emulated_device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"

/// The emulated device must do what a kernel says, and must not forgive what a real device would not: each
/// kernel below that is wrong is wrong in one of the ways in which code that was never run on a GPU is wrong.
namespace npo {
namespace {

constexpr unsigned threads_per_block = 64;

class EmulatedDevice : public testing::Test {
 protected:
  void TearDown() override { cudaDeviceReset(); }

  /// The message of the Error(device) that waiting for the kernels before throws; empty when they did well.
  static std::string failure() {
    try {
      wait_for_kernels("waiting");
      return {};
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::device);
      return error.what();
    }
  }
};

std::size_t index() {
  return std::size_t{blockIdx.x} * threads_per_block + threadIdx.x;
}

void square(const std::uint32_t* in, std::uint32_t* out, std::size_t count) {
  if (index() < count) out[index()] = in[index()] * in[index()];
}

TEST_F(EmulatedDevice, RunsEveryThreadOnce) {
  for (const std::size_t count : {1u, 63u, 64u, 65u, 5000u}) {
    std::vector<std::uint32_t> in(count), out(count), expected(count);
    std::iota(in.begin(), in.end(), 1u);
    std::ranges::transform(in, expected.begin(), [](std::uint32_t x) { return x * x; });
    const DeviceArray<std::uint32_t> device_in{std::span<const std::uint32_t>(in)}, device_out(count);
    launch_kernel("squaring", blocks_for(count, threads_per_block), threads_per_block, square,
                  device_in.data(), device_out.data(), count);
    device_out.copy_to(out);
    EXPECT_EQ(out, expected);
  }
}

void mark_places(std::uint32_t* seen) {
  atomicAdd(seen + std::size_t{blockIdx.y} * gridDim.x + blockIdx.x, threadIdx.x + 1);
}

TEST_F(EmulatedDevice, RunsEveryBlockOfAGridOfTwoDimensions) {
  const auto seen = DeviceArray<std::uint32_t>::zeros(7 * 5);
  launch_kernel("marking", dim3(7, 5), 3, mark_places, seen.data());
  std::vector<std::uint32_t> host(7 * 5);
  seen.copy_to(host);
  EXPECT_EQ(host, std::vector<std::uint32_t>(7 * 5, 1 + 2 + 3));
}

void record_order(std::uint32_t* next, std::uint32_t* order) {
  order[atomicAdd(next, 1u)] = threadIdx.x;
}

TEST_F(EmulatedDevice, ScramblesTheOrderOfThreadsDifferentlyInEachLaunch) {
  std::vector<std::vector<std::uint32_t>> orders;
  for (int launch = 0; launch < 2; ++launch) {
    const auto next = DeviceArray<std::uint32_t>::zeros(1);
    const DeviceArray<std::uint32_t> order(threads_per_block);
    launch_kernel("recording", 1, threads_per_block, record_order, next.data(), order.data());
    orders.emplace_back(threads_per_block);
    order.copy_to(orders.back());
  }
  EXPECT_NE(orders[0], orders[1]);
  std::ranges::sort(orders[0]);
  for (std::uint32_t t = 0; t < threads_per_block; ++t) EXPECT_EQ(orders[0][t], t);
}

void reverse_in_block(std::uint32_t* data) {
  __shared__ std::uint32_t tile[threads_per_block];
  tile[threadIdx.x] = data[index()];
  __syncthreads();
  data[index()] = tile[threads_per_block - 1 - threadIdx.x];
  __syncthreads();
  tile[threadIdx.x] = 0;
}

TEST_F(EmulatedDevice, BarriersHoldEveryThreadOfABlock) {
  std::vector<std::uint32_t> data(3 * threads_per_block), expected(data.size());
  std::iota(data.begin(), data.end(), 0u);
  for (std::size_t i = 0; i < data.size(); ++i)
    expected[i] =
        data[i / threads_per_block * threads_per_block + threads_per_block - 1 - i % threads_per_block];
  const DeviceArray<std::uint32_t> device{std::span<const std::uint32_t>(data)};
  launch_kernel("reversing", 3, threads_per_block, reverse_in_block, device.data());
  device.copy_to(data);
  EXPECT_EQ(data, expected);
}

/// Plain, where it should be atomic; a loop, so that it has basic blocks.
void count_badly(std::uint32_t* count, std::uint32_t times) {
  std::uint32_t seen = *count;
  for (std::uint32_t k = 0; k < times; ++k) seen += k % 2 == 0 ? 1 : 3;
  *count = seen;
}

void count_well(std::uint32_t* count, std::uint32_t times) {
  for (std::uint32_t k = 0; k < times; ++k) atomicAdd(count, k % 2 == 0 ? 1u : 3u);
}

TEST_F(EmulatedDevice, ThreadsTakeTurnsSoThatARaceShows) {
  constexpr std::uint32_t times = 100, expected = times * 2 * threads_per_block;
  for (const bool well : {true, false}) {
    const auto count = DeviceArray<std::uint32_t>::zeros(1);
    launch_kernel("counting", 1, threads_per_block, well ? count_well : count_badly, count.data(), times);
    std::uint32_t total = 0;
    count.copy_to({&total, 1});
    if (well) {
      EXPECT_EQ(total, expected);
    } else {
      EXPECT_LT(total, expected);
    }
  }
}

void miss_barrier() {
  if (threadIdx.x != 5) __syncthreads();
}

TEST_F(EmulatedDevice, ABarrierThatAThreadMissesFailsTheKernel) {
  launch_kernel("missing", 1, threads_per_block, miss_barrier);
  EXPECT_NE(failure().find("launch failure"), std::string::npos);
}

void write_at(std::uint32_t* data, std::ptrdiff_t place) {
  data[place] = 1;
}

TEST_F(EmulatedDevice, AWriteBehindAnArrayFailsTheKernelAndEveryCallAfterIt) {
  const DeviceArray<std::uint32_t> data(1024);
  launch_kernel("writing inside", 1, 1, write_at, data.data(), 1023);
  EXPECT_EQ(failure(), "");
  launch_kernel("writing behind", 1, 1, write_at, data.data(), 1024);
  EXPECT_NE(failure().find("waiting: unspecified launch failure"), std::string::npos);
  std::vector<std::uint32_t> host(1024);
  EXPECT_THROW(data.copy_to(host), Error);
  EXPECT_THROW(DeviceArray<int>(1), Error);
}

TEST_F(EmulatedDevice, AWriteBeforeAnArrayOfWholePagesFailsTheKernel) {
  const DeviceArray<std::uint32_t> data(1024);
  launch_kernel("writing before", 1, 1, write_at, data.data(), -1);
  EXPECT_NE(failure(), "");
}

TEST_F(EmulatedDevice, AnArrayThatIsGoneFailsTheKernel) {
  std::uint32_t* gone = DeviceArray<std::uint32_t>(1024).data();
  launch_kernel("writing", 1, 1, write_at, gone, 0);
  EXPECT_NE(failure(), "");
}

void read_at(const std::uint32_t* from, std::uint32_t* to) {
  *to = *from;
}

TEST_F(EmulatedDevice, AKernelSeesNeitherHeapNorStackOfTheHost) {
  const DeviceArray<std::uint32_t> to(1);
  const std::vector<std::uint32_t> small(1, 7), large(1 << 22, 7);  // of the heap, and of pages of its own
  const std::uint32_t on_stack = 7;
  for (const std::uint32_t* from : {small.data(), large.data(), &on_stack}) {
    launch_kernel("reading", 1, 1, read_at, from, to.data());
    EXPECT_NE(failure(), "") << (from == &on_stack ? "stack" : from == small.data() ? "heap" : "mapped");
    cudaDeviceReset();
  }
}

TEST_F(EmulatedDevice, TheHostSeesDeviceMemoryThroughCopiesOnly) {
  const auto data = DeviceArray<std::uint32_t>::zeros(1);
  EXPECT_DEATH(std::printf("%u\n", *data.data()), "");
  std::vector<std::uint32_t> host(1);
  EXPECT_EQ(cudaMemcpy(host.data(), data.data(), 2 * sizeof(std::uint32_t), cudaMemcpyDeviceToHost),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(host.data(), host.data(), sizeof(std::uint32_t), cudaMemcpyDeviceToHost),
            cudaErrorInvalidValue);
}

TEST_F(EmulatedDevice, NewMemoryIsNotZero) {
  std::vector<std::uint32_t> host(3);
  DeviceArray<std::uint32_t>(3).copy_to(host);
  EXPECT_EQ(host, std::vector<std::uint32_t>(3, 0xCBCBCBCBu));
}

TEST_F(EmulatedDevice, MemoryRunsOutAndComesBack) {
  constexpr std::size_t most = std::size_t{256} << 20;
  {
    const DeviceArray<std::byte> half(most);
    try {
      const DeviceArray<std::byte> rest(most + 1);
      FAIL() << "there is no such memory";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("out of memory"), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("smaller batches"), std::string::npos);
    }
  }
  EXPECT_NO_THROW(DeviceArray<std::byte>(most + 1));
}

TEST_F(EmulatedDevice, RefusesGridsThatNoDeviceRuns) {
  for (const auto& [blocks, threads] : std::vector<std::pair<dim3, unsigned>>{
           {dim3(0), 1}, {dim3(1), 0}, {dim3(1), 1025}, {dim3(1, 65536), 1}, {dim3(0x80000000u), 1}})
    EXPECT_THROW(launch_kernel("starting", blocks, threads, miss_barrier), Error)
        << blocks.x << " " << blocks.y << " " << threads;
  EXPECT_EQ(failure(), "") << "a launch that is refused leaves the device as it is";
}

}  // namespace
}  // namespace npo

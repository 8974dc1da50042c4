#include <algorithm>

#include "kernels/device_array.cuh"
#include "kernels/histogram_cell.hpp"
#include "kernels/launch_kernel.cuh"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 256;
constexpr unsigned most_blocks = 4096;

/// Threads take rows by turns. Integer atomics: any order gives the same counts.
__global__ void histogram_kernel(HistogramCell cell_of, const float* scores, const std::uint8_t* labels,
                                 std::size_t rows, unsigned long long* cells, std::uint32_t* bad) {
  const std::size_t step = std::size_t{gridDim.x} * threads_per_block;
  std::uint32_t any_bad = 0;
  for (std::size_t i = std::size_t{blockIdx.x} * threads_per_block + threadIdx.x; i < rows; i += step) {
    any_bad |= cell_of.is_bad(scores[i], labels[i]);
    atomicAdd(cells + cell_of(scores[i], labels[i]), 1ull);
  }
  if (any_bad != 0) atomicOr(bad, 1u);
}

}  // namespace

bool histogram_cuda(const HistogramCell& cell_of, std::span<const float> scores,
                    std::span<const std::uint8_t> labels, std::span<std::uint64_t> cells, int device) {
  const DeviceScope scope(device);
  if (scores.empty()) return true;
  DeviceArray<float> device_scores(scores);
  DeviceArray<std::uint8_t> device_labels(labels);
  DeviceArray<std::uint64_t> device_cells{std::span<const std::uint64_t>(cells)};
  std::uint32_t bad = 0;
  DeviceArray<std::uint32_t> device_bad{std::span<const std::uint32_t>(&bad, 1)};
  launch_kernel("starting the histogram", std::min(blocks_for(scores.size(), threads_per_block), most_blocks),
                threads_per_block, histogram_kernel, cell_of, device_scores.data(), device_labels.data(),
                scores.size(), reinterpret_cast<unsigned long long*>(device_cells.data()), device_bad.data());
  device_bad.copy_to({&bad, 1});
  device_cells.copy_to(cells);
  return bad == 0;
}

}  // namespace npo

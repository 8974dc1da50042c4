#include <algorithm>

#include "kernels/bootstrap_tile.hpp"
#include "kernels/device_array.cuh"
#include "kernels/launch_kernel.cuh"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 128;
constexpr unsigned most_grid_rows = 65535;
constexpr int limbs_at_once = 4;  ///< sums of four limbs by eight replicates stay in registers

__device__ void add_atomically(std::int64_t* cell, std::int64_t amount) {
  atomicAdd(reinterpret_cast<unsigned long long*>(cell), static_cast<unsigned long long>(amount));
}

/// One thread a block of eight replicates and a tile; blockIdx.y counts tiles. A tile's sums of one limb stay
/// below 2^31: 1024 pairs, counts up to 16, halves below 2^15.
__global__ void bootstrap_kernel(std::uint64_t seed, const BootstrapTileView* tiles, BootstrapTotals out) {
  using L = lane::Scalar;
  const std::uint32_t block = blockIdx.x * threads_per_block + threadIdx.x;
  const std::uint32_t first = block * replicates_a_block;
  if (first >= out.replicates) return;
  const BootstrapTileView tile = tiles[blockIdx.y];
  const PairCounts<L> count_pair(seed, block);
  for (std::size_t r = 0; r < tile.run_count; ++r) {
    const BootstrapRun run = tile.runs[r];
    for (std::size_t limb = 0; limb < tile.limb_count; limb += limbs_at_once) {
      std::uint32_t sums[limbs_at_once][replicates_a_block] = {};
      for (std::uint32_t pair = run.begin; pair < run.end; ++pair) {
        std::uint32_t counts[replicates_a_block];
        count_pair(tile, pair, counts);
#pragma unroll
        for (int k = 0; k < limbs_at_once; ++k) {
          const std::uint32_t words =
              limb + k < tile.limb_count ? tile.words[(limb + k) * bootstrap_tile_pairs + pair] : 0u;
#pragma unroll
          for (std::uint32_t b = 0; b < replicates_a_block; ++b)
            sums[k][b] = count_pair.dot(sums[k][b], counts[b], words);
        }
      }
#pragma unroll
      for (int k = 0; k < limbs_at_once; ++k) {
        if (limb + k >= tile.limb_count) continue;
        const BootstrapLimb place = tile.limbs[limb + k];
        std::int64_t* totals =
            out.totals + (run.segment * out.columns + place.column) * out.replicates + first;
#pragma unroll
        for (std::uint32_t b = 0; b < replicates_a_block; ++b)
          if (first + b < out.replicates)
            add_atomically(totals + b, std::int64_t{static_cast<std::int32_t>(sums[k][b])} *
                                           (std::int64_t{1} << place.shift));
      }
    }
  }
}

/// Tiles one after the other in the memory of a device.
class DeviceTiles {
 public:
  explicit DeviceTiles(std::span<const BootstrapTileView> tiles)
      : keys_(gather<std::uint32_t>(tiles, key_count, [](const auto& t) { return t.key_low; })),
        high_keys_(gather<std::uint32_t>(tiles, key_count, [](const auto& t) { return t.key_high; })),
        words_(gather<std::uint32_t>(tiles, word_count, [](const auto& t) { return t.words; })),
        limbs_(gather<BootstrapLimb>(tiles, limb_count, [](const auto& t) { return t.limbs; })),
        runs_(gather<BootstrapRun>(tiles, run_count, [](const auto& t) { return t.runs; })),
        views_(std::span<const BootstrapTileView>(placed(tiles))) {}
  const BootstrapTileView* views() { return views_.data(); }

 private:
  static std::size_t key_count(const BootstrapTileView& tile) {
    return tile.run_count == 0 ? 0 : 2 * std::size_t{tile.runs[tile.run_count - 1].end};
  }
  static std::size_t word_count(const BootstrapTileView& tile) {
    return tile.limb_count * bootstrap_tile_pairs;
  }
  static std::size_t limb_count(const BootstrapTileView& tile) { return tile.limb_count; }
  static std::size_t run_count(const BootstrapTileView& tile) { return tile.run_count; }

  template <class T, class Part>
  static DeviceArray<T> gather(std::span<const BootstrapTileView> tiles,
                               std::size_t (*count)(const BootstrapTileView&), const Part& part) {
    std::vector<T> all;
    for (const BootstrapTileView& tile : tiles) all.insert(all.end(), part(tile), part(tile) + count(tile));
    return DeviceArray<T>(std::span<const T>(all));
  }
  /// The tiles with pointers into device memory.
  std::vector<BootstrapTileView> placed(std::span<const BootstrapTileView> tiles) {
    std::vector<BootstrapTileView> views;
    std::size_t key = 0, word = 0, limb = 0, run = 0;
    for (const BootstrapTileView& tile : tiles) {
      views.push_back({keys_.data() + key, high_keys_.data() + key, words_.data() + word,
                       limbs_.data() + limb, runs_.data() + run, tile.limb_count, tile.run_count});
      key += key_count(tile);
      word += word_count(tile);
      limb += tile.limb_count;
      run += tile.run_count;
    }
    return views;
  }

  DeviceArray<std::uint32_t> keys_, high_keys_, words_;
  DeviceArray<BootstrapLimb> limbs_;
  DeviceArray<BootstrapRun> runs_;
  DeviceArray<BootstrapTileView> views_;
};

}  // namespace

void bootstrap_cuda(std::uint64_t seed, std::span<const BootstrapTileView> tiles,
                    const BootstrapTotals& totals, std::size_t segments, int device) {
  const DeviceScope scope(device);
  if (tiles.empty() || totals.replicates == 0) return;
  const std::span<std::int64_t> host(totals.totals, segments * totals.columns * totals.replicates);
  DeviceArray<std::int64_t> sums{std::span<const std::int64_t>(host)};
  BootstrapTotals out = totals;
  out.totals = sums.data();
  const unsigned blocks = (totals.replicates + replicates_a_block - 1) / replicates_a_block;
  for (std::size_t begin = 0; begin < tiles.size(); begin += most_grid_rows) {
    const std::size_t count = std::min<std::size_t>(most_grid_rows, tiles.size() - begin);
    DeviceTiles part(tiles.subspan(begin, count));
    launch_kernel("starting the bootstrap",
                  dim3(blocks_for(blocks, threads_per_block), static_cast<unsigned>(count)),
                  threads_per_block, bootstrap_kernel, seed, part.views(), out);
    wait_for_kernels("running the bootstrap");
  }
  sums.copy_to(host);
}

}  // namespace npo

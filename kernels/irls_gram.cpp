#include "kernels/irls_gram.hpp"

#include <immintrin.h>

#include <algorithm>

namespace npo::irls {
namespace {

/// Rows that are swept before the next pair of panels: both sides of a block then stay in the second-level
/// cache.
constexpr std::size_t strip_rows = 256;
/// Columns of the left side per register tile: 4 x 8 sums in eight vectors. Written with intrinsics because
/// g++ 12 mixes scalar and vector sums here and reaches a third of the speed.
constexpr std::size_t tile_columns = 4;

void add_tile(const double* left, const double* right, std::size_t rows, double* out) {
  __m256d low[tile_columns], high[tile_columns];
  for (std::size_t i = 0; i < tile_columns; ++i) {
    low[i] = _mm256_loadu_pd(out + i * block_columns);
    high[i] = _mm256_loadu_pd(out + i * block_columns + 4);
  }
  for (std::size_t row = 0; row < rows; ++row, left += panel_columns, right += panel_columns) {
    const __m256d right_low = _mm256_load_pd(right), right_high = _mm256_load_pd(right + 4);
    for (std::size_t i = 0; i < tile_columns; ++i) {
      const __m256d value = _mm256_broadcast_sd(left + i);
      low[i] = _mm256_fmadd_pd(value, right_low, low[i]);
      high[i] = _mm256_fmadd_pd(value, right_high, high[i]);
    }
  }
  for (std::size_t i = 0; i < tile_columns; ++i) {
    _mm256_storeu_pd(out + i * block_columns, low[i]);
    _mm256_storeu_pd(out + i * block_columns + 4, high[i]);
  }
}

}  // namespace

std::vector<BlockIndex> upper_blocks(std::size_t panels) {
  const auto side = static_cast<std::uint32_t>((panels + block_panels - 1) / block_panels);
  std::vector<BlockIndex> blocks;
  for (std::uint32_t row = 0; row < side; ++row)
    for (std::uint32_t column = row; column < side; ++column) blocks.push_back({row, column});
  return blocks;
}

void gram_block(const Panels& z, BlockIndex block, double* out) {
  std::fill_n(out, block_columns * block_columns, 0.0);
  const std::size_t top = block.row * block_panels, left = block.column * block_panels;
  const std::size_t bottom = std::min(top + block_panels, z.panels());
  const std::size_t right = std::min(left + block_panels, z.panels());
  for (std::size_t first = 0; first < z.rows(); first += strip_rows) {
    const std::size_t rows = std::min(strip_rows, z.rows() - first);
    for (std::size_t p = top; p < bottom; ++p)
      for (std::size_t q = std::max(left, p); q < right; ++q)
        for (std::size_t i = 0; i < panel_columns; i += tile_columns)
          add_tile(z.panel(p) + first * panel_columns + i, z.panel(q) + first * panel_columns, rows,
                   out + ((p - top) * panel_columns + i) * block_columns + (q - left) * panel_columns);
  }
}

}  // namespace npo::irls

#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/irls_panels.hpp"

namespace npo::irls {

/// Panels of one side of a block of the Gram matrix.
inline constexpr std::size_t block_panels = 8;
inline constexpr std::size_t block_columns = block_panels * panel_columns;

/// A block of the upper triangle of a Gram matrix, by block row and column (row <= column).
struct BlockIndex {
  std::uint32_t row, column;
};

/// All blocks on and above the diagonal of a matrix of `panels` panels, in row order.
std::vector<BlockIndex> upper_blocks(std::size_t panels);

/// out[i][j] = sum over rows of z[row][i] z[row][j] for the columns of one block,
/// [block_columns][block_columns] row-major; columns past the last panel are left alone. Each entry is one
/// chain of fused multiply-adds in row order, starting from 0: the same bits whatever the caller's threads
/// and the machine's vectors.
void gram_block(const Panels& z, BlockIndex block, double* out);

}  // namespace npo::irls

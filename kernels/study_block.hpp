#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// The raw result of a block of replicates: what kernels write and tallies read.
namespace npo {

/// Replicates first, first + 1, ..., first + count - 1 of a point.
struct ReplicateRange {
  std::uint64_t first = 0;  ///< first + count <= 2^40
  std::size_t count = 0;    ///< 1 to 4096
};
inline constexpr std::size_t max_block_replicates = 4096;

/// Columns of the replicates of a block, [checkpoint][column][replicate], each column padded to an odd
/// multiple of 16 replicates, so that a pack of lanes stores whole registers and columns do not fall on each
/// other in the cache (the padding is never read). Values are finite; |value| <= the checkpoint's episode
/// number.
class StudyBlock {
 public:
  /// Makes room; what was there is lost, memory is reused.
  void resize(ReplicateRange replicates, std::size_t checkpoints, std::size_t columns) {
    replicates_ = replicates;
    checkpoints_ = checkpoints;
    columns_ = columns;
    stride_ = ((replicates.count + 15) / 16 | 1) * 16;
    values_.resize(checkpoints * columns * stride_);
  }
  ReplicateRange replicates() const { return replicates_; }
  std::size_t checkpoints() const { return checkpoints_; }
  std::size_t columns() const { return columns_; }
  std::size_t stride() const { return stride_; }

  std::span<const float> column(std::size_t checkpoint, std::size_t column) const {
    return {values_.data() + (checkpoint * columns_ + column) * stride_, replicates_.count};
  }
  /// value[(checkpoint * columns + column) * stride + replicate].
  float* data() { return values_.data(); }
  std::span<float> values() { return values_; }
  std::span<const float> values() const { return values_; }

 private:
  ReplicateRange replicates_;
  std::size_t checkpoints_ = 0, columns_ = 0, stride_ = 0;
  std::vector<float> values_;
};

}  // namespace npo

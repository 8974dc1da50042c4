#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bootstrap_lanes.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {

/// A stretch of units in the form that the inner loops read: in pairs of one segment, values cut into limbs.
class BootstrapTile {
 public:
  /// `order` holds up to 2 bootstrap_tile_pairs places in the batch, grouped by segment; the tile ends early
  /// where halves without a partner fill it. `used` is set to how many units were taken.
  BootstrapTile(const BootstrapUnits& batch, std::span<const std::uint32_t> order, std::size_t& used);

  BootstrapTileView view() const {
    return {key_low_.data(), key_high_.data(), words_.data(), limbs_.data(),
            runs_.data(),    limbs_.size(),    runs_.size()};
  }

 private:
  void place_units(const BootstrapUnits& batch, std::span<const std::uint32_t> order, std::size_t& used);
  void cut_column(std::span<const std::int64_t> values, std::uint32_t column);

  static constexpr std::uint32_t nobody = 0xffffffffu;
  std::vector<std::uint32_t> unit_;  ///< [2 pairs] place in the batch, `nobody` for a half without a unit
  std::vector<std::uint32_t> key_low_, key_high_, words_;
  std::vector<BootstrapLimb> limbs_;
  std::vector<BootstrapRun> runs_;
};

/// Adds the tiles to the totals of `segments` segments on a CUDA device. Error(device) when it cannot be
/// used.
void bootstrap_cuda(std::uint64_t seed, std::span<const BootstrapTileView> tiles,
                    const BootstrapTotals& totals, std::size_t segments, int device);

}  // namespace npo

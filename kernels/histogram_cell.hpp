#pragma once
#include <cstdint>
#include <span>

#include "kernels/lane/annotations.hpp"

namespace npo {

/// Which cell [bin][no, yes] of a histogram a row falls into: bin = floor((score - low) scale), rounded alike
/// for all, so that it never falls as scores rise.
struct HistogramCell {
  float low, high, scale, last_bin;
  std::uint32_t unknown_cell;  ///< the cell of rows without a label

  /// 0 for what is no number or below the range, so that nothing undefined happens before bad rows are
  /// refused.
  NPO_HD std::uint32_t bin(float score) const {
    const float place = (score - low) * scale, floor = place > 0.0f ? place : 0.0f;
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(floor < last_bin ? floor : last_bin));
  }
  NPO_HD std::uint32_t operator()(float score, std::uint32_t label) const {
    const std::uint32_t known = 2 * bin(score) + (label & 1u);
    return label == 255u ? unknown_cell : known;
  }
  /// 1 for a score outside the range or a label that is none, else 0.
  NPO_HD std::uint32_t is_bad(float score, std::uint32_t label) const {
    return (score >= low && score <= high ? 0u : 1u) | ((label > 1u ? 1u : 0u) & (label != 255u ? 1u : 0u));
  }
};

/// Adds rows to cells (the last one is `unknown_cell`) on a CUDA device. False when a row is bad; the cells
/// mean nothing then. Error(device) when the device cannot be used.
bool histogram_cuda(const HistogramCell& cell_of, std::span<const float> scores,
                    std::span<const std::uint8_t> labels, std::span<std::uint64_t> cells, int device);

}  // namespace npo

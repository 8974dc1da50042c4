#include "kernels/bootstrap_tile.hpp"

#include <algorithm>

namespace npo {
namespace {

constexpr int limb_bits = 15;

/// 15-bit limbs that a tile's values need, the last one with the sign.
std::uint32_t limbs_for(std::span<const std::int64_t> values, std::span<const std::uint32_t> units,
                        std::uint32_t nobody) {
  std::uint64_t bits = 0;  // of v where v >= 0, of ~v else
  for (const std::uint32_t unit : units) {
    if (unit == nobody) continue;
    const std::int64_t v = values[unit];
    bits |= static_cast<std::uint64_t>(v ^ (v >> 63));
  }
  std::uint32_t limbs = 1;
  for (; bits >> limb_bits != 0; bits >>= limb_bits) ++limbs;
  return limbs;
}

}  // namespace

BootstrapTile::BootstrapTile(const BootstrapUnits& batch, std::span<const std::uint32_t> order,
                             std::size_t& used) {
  place_units(batch, order, used);
  key_low_.resize(unit_.size());
  key_high_.resize(unit_.size());
  for (std::size_t i = 0; i < unit_.size(); ++i) {
    if (unit_[i] == nobody) continue;
    const std::uint64_t key = batch.key.empty() ? batch.first_key + unit_[i] : batch.key[unit_[i]];
    key_low_[i] = static_cast<std::uint32_t>(key);
    key_high_[i] = static_cast<std::uint32_t>(key >> 32);
  }
  for (std::size_t c = 0; c < batch.columns.size(); ++c)
    cut_column(batch.columns[c], static_cast<std::uint32_t>(c));
}

void BootstrapTile::place_units(const BootstrapUnits& batch, std::span<const std::uint32_t> order,
                                std::size_t& used) {
  unit_.reserve(2 * bootstrap_tile_pairs);
  const auto segment_of = [&](std::size_t i) { return batch.segment.empty() ? 0u : batch.segment[order[i]]; };
  used = 0;
  while (used < order.size() && unit_.size() < 2 * bootstrap_tile_pairs) {
    const std::uint32_t segment = segment_of(used), begin = static_cast<std::uint32_t>(unit_.size() / 2);
    while (used < order.size() && unit_.size() < 2 * bootstrap_tile_pairs && segment_of(used) == segment)
      unit_.push_back(order[used++]);
    if (unit_.size() % 2 == 1) unit_.push_back(nobody);
    runs_.push_back({segment, begin, static_cast<std::uint32_t>(unit_.size() / 2)});
  }
}

void BootstrapTile::cut_column(std::span<const std::int64_t> values, std::uint32_t column) {
  const std::uint32_t limbs = limbs_for(values, unit_, nobody);
  std::vector<std::int64_t> value(unit_.size());
  for (std::size_t i = 0; i < unit_.size(); ++i) value[i] = unit_[i] == nobody ? 0 : values[unit_[i]];
  for (std::uint32_t limb = 0; limb < limbs; ++limb) {
    const std::uint32_t shift = limb * limb_bits;
    const std::uint64_t mask = limb + 1 < limbs ? 0x7fffu : 0xffffu;  // the last limb keeps the sign
    limbs_.push_back({column, shift});
    words_.resize(limbs_.size() * bootstrap_tile_pairs);
    std::uint32_t* words = words_.data() + (limbs_.size() - 1) * bootstrap_tile_pairs;
    for (std::size_t pair = 0; pair < unit_.size() / 2; ++pair) {
      const auto low = static_cast<std::uint64_t>(value[2 * pair] >> shift) & mask;
      const auto high = static_cast<std::uint64_t>(value[2 * pair + 1] >> shift) & mask;
      words[pair] = static_cast<std::uint32_t>(low | high << 16);
    }
  }
}

}  // namespace npo

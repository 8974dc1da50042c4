#pragma once
#include "kernels/draw_arm.hpp"

/// The CPU driver of arm draws: packs of lanes over rows. Plain pointers, so that files compiled for a wider
/// instruction set hold no shared inline function.
namespace npo {

struct ArmDrawRows {
  ArmDrawPlan plan;
  std::uint64_t seed;
  const std::uint64_t* entity;     ///< [rows]
  const std::uint32_t* table_row;  ///< [rows] row of the posterior table; null: row i of the table is row i
  std::size_t rows;
  std::uint8_t* arm;  ///< [rows] the result
};

void draw_arms_scalar(const ArmDrawRows& draws);
void draw_arms_avx2(const ArmDrawRows& draws);
void draw_arms_avx512(const ArmDrawRows& draws);

template <class L>
void draw_arms_with(const ArmDrawRows& draws) {
  const PhiloxKey key(draws.seed);
  const BetaSampler<L> sampler(beta_tables);
  const std::uint32_t arms = static_cast<std::uint32_t>(draws.plan.arms);
  for (std::size_t begin = 0; begin < draws.rows; begin += L::width) {
    const std::size_t left = draws.rows - begin;
    const int n = left < static_cast<std::size_t>(L::width) ? static_cast<int>(left) : L::width;
    ArmDrawPlan plan = draws.plan;
    if (!draws.table_row) {  // rows of the pack, counted from its first: gathers take 31-bit indices
      plan.shape_a += begin * arms;
      plan.shape_b += begin * arms;
    }
    std::uint32_t first[L::width] = {}, low[L::width] = {}, high[L::width] = {}, arm[L::width];
    for (int i = 0; i < n; ++i) {
      const std::uint64_t entity = draws.entity[begin + static_cast<std::size_t>(i)];
      low[i] = static_cast<std::uint32_t>(entity);
      high[i] = static_cast<std::uint32_t>(entity >> 32);
      first[i] = arms * (draws.table_row ? draws.table_row[begin + static_cast<std::size_t>(i)]
                                         : static_cast<std::uint32_t>(i));
    }
    L::store(arm, draw_arm<L>(sampler, key, plan, L::load(first), L::load(low), L::load(high), L::first(n)));
    for (int i = 0; i < n; ++i)
      draws.arm[begin + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(arm[i]);
  }
}

}  // namespace npo

#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/lane/scalar.hpp"
#include "kernels/loop_plan.hpp"

/// Where a pack of replicates keeps what does not fit registers.
namespace npo {

/// Rows of a record, those of the arms not among them.
inline constexpr std::uint32_t loop_record_rows = 16;

/// Rows of `stride` words, one a lane; a pack of lanes owns whole rows, a CUDA thread one word of each.
struct LoopMemory {
  float* score;             ///< [scenarios] R_s; on the short path the sign bit is p_s
  std::uint32_t* steps;     ///< [scenarios] n
  float* latent;            ///< [scenarios] p_s, not on the short path
  std::uint32_t* seen;      ///< [window] ring of what the monitor saw
  std::uint32_t* pending;   ///< [delay] ring of feedback that has not arrived
  std::uint32_t* expected;  ///< [arms] expected loss under each threshold
  std::uint32_t* played;    ///< [arms] episodes so far
  std::uint32_t* records;   ///< [stops][loop_record_rows + arms], see LoopTally
  std::uint32_t stride;
  std::uint32_t lane;  ///< of the first lane
};

/// Rows of floats and of words that a plan needs.
inline std::size_t loop_float_rows(const LoopPlan& plan) {
  return std::size_t{2} * plan.scenarios;
}
inline std::size_t loop_word_rows(const LoopPlan& plan) {
  return std::size_t{plan.scenarios} + plan.window + plan.delay + std::size_t{2} * plan.arms +
         std::size_t{plan.stop_count} * (loop_record_rows + plan.arms);
}

/// Hands out [rows][stride] floats and words; the lane is to be set.
inline LoopMemory cut_loop_memory(const LoopPlan& plan, float* floats, std::uint32_t* words,
                                  std::uint32_t stride) {
  const auto take = [&](std::uint32_t rows) {
    std::uint32_t* const begin = words;
    words += std::size_t{rows} * stride;
    return begin;
  };
  LoopMemory memory{};
  memory.stride = stride;
  memory.score = floats;
  memory.latent = floats + std::size_t{plan.scenarios} * stride;
  memory.steps = take(plan.scenarios);
  memory.seen = take(plan.window);
  memory.pending = take(plan.delay);
  memory.expected = take(plan.arms);
  memory.played = take(plan.arms);
  memory.records = words;
  return memory;
}

/// Places of a pack's lanes in memory.
template <class L>
struct LoopPlaces {
  using U = typename L::U;
  static constexpr int shift = std::countr_zero(static_cast<unsigned>(L::width));
  std::uint32_t stride, lane;

  /// Word of the lane's own row.
  NPO_HD U operator()(U row) const {
    if constexpr (L::width == 1)
      return row * stride + lane;
    else
      return (row << shift) + L::iota();
  }
  /// First word of a row that all lanes share.
  NPO_HD std::size_t row(std::uint32_t index) const { return std::size_t{index} * stride + lane; }
};

}  // namespace npo

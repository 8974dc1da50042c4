#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/lane/poisson_lanes.hpp"

/// The inner loops of the Poisson bootstrap, by lane type; plain pointers, because objects for one
/// instruction set share no inline functions with others.
namespace npo {

/// Units of a tile by pairs, one in each half of a word. Values are cut into limbs of 15 bits, the last one
/// signed, so that products with counts are of 16-bit integers.
inline constexpr std::size_t bootstrap_tile_pairs = 1024;

/// Pairs [begin, end) of a tile belong to one segment.
struct BootstrapRun {
  std::uint32_t segment, begin, end;
};
/// One limb of a column: value = sum over its limbs of limb 2^shift.
struct BootstrapLimb {
  std::uint32_t column, shift;
};

struct BootstrapTileView {
  const std::uint32_t *key_low, *key_high;  ///< [2 bootstrap_tile_pairs] of unit 0 and 1 of each pair
  const std::uint32_t* words;  ///< [limbs][bootstrap_tile_pairs] low half of unit 0, high half of unit 1
  const BootstrapLimb* limbs;
  const BootstrapRun* runs;
  std::size_t limb_count, run_count;
};

/// Where the totals of all tiles go, [segments][columns][replicates].
struct BootstrapTotals {
  std::int64_t* totals;
  std::size_t columns;
  std::uint32_t replicates;
};

/// The counts of a pair of units in L::width blocks of eight replicates: lane l holds block first_block + l,
/// word b the counts of replicate b of the block in its halves.
template <class L>
class PairCounts {
 public:
  using U = typename L::U;

  NPO_HD PairCounts(std::uint64_t seed, std::uint32_t first_block) : key_(seed), first_block_(first_block) {}

  NPO_HD void operator()(const BootstrapTileView& tile, std::uint32_t pair, U* counts) const {
    const U blocks = U(first_block_) + L::iota();
    U even[4], odd[4];  // of unit 0 and unit 1
    const Philox<L> random(key_);
    const std::uint32_t selector = philox_selector(RandomPurpose::bootstrap, 0, 0);
    random.lane_step(selector, U(tile.key_low[2 * pair]), blocks, tile.key_high[2 * pair], even);
    random.lane_step(selector, U(tile.key_low[2 * pair + 1]), blocks, tile.key_high[2 * pair + 1], odd);
    NPO_UNROLL
    for (int w = 0; w < 4; ++w) {
      const U low = (even[w] & U(0xffffu)) | (odd[w] << 16);
      const U high = (even[w] >> 16) | (odd[w] & U(0xffff0000u));
      counts[2 * w] = count(tile, pair, 2 * static_cast<std::uint32_t>(w), low);
      counts[2 * w + 1] = count(tile, pair, 2 * static_cast<std::uint32_t>(w) + 1, high);
    }
  }
  /// sum + counts * values, half by half.
  NPO_HD U dot(U sum, U counts, U values) const { return poisson_.dot(sum, counts, values); }
  NPO_HD std::uint32_t first_block() const { return first_block_; }

 private:
  NPO_HD U count(const BootstrapTileView& tile, std::uint32_t pair, std::uint32_t place, U draws) const {
    bool uncertain = false;
    const U counts = poisson_.counts(draws, uncertain);
    if (!uncertain) return counts;
    std::uint32_t upper[L::width], refined[L::width];
    L::store(upper, draws);
    L::store(refined, counts);
    for (int lane = 0; lane < L::width; ++lane)
      for (std::uint32_t half = 0; half < 2; ++half) {
        const std::uint32_t draw = upper[lane] >> (16 * half) & 0xffffu;
        if (!count_is_uncertain(draw)) continue;
        const std::uint32_t unit = 2 * pair + half;
        const std::uint64_t key = std::uint64_t{tile.key_high[unit]} << 32 | tile.key_low[unit];
        const std::uint32_t block = first_block_ + static_cast<std::uint32_t>(lane);
        const std::uint32_t count = refined_count(key_, draw, key, block * replicates_a_block + place);
        refined[lane] = (refined[lane] & ~(0xffffu << (16 * half))) | count << (16 * half);
      }
    return L::load(refined);
  }

  PhiloxKey key_;
  std::uint32_t first_block_;
  lane::PoissonLanes<L> poisson_;
};

/// Adds the products of a tile's values with their counts in L::width blocks of replicates to the totals.
template <class L>
class BootstrapBlocks {
 public:
  using U = typename L::U;

  NPO_HD BootstrapBlocks(std::uint64_t seed, std::uint32_t first_block) : count_pair_(seed, first_block) {}

  NPO_HD void operator()(const BootstrapTileView& tile, const BootstrapTotals& out) const {
    for (std::size_t r = 0; r < tile.run_count; ++r) {
      const BootstrapRun run = tile.runs[r];
      for (std::uint32_t begin = run.begin; begin < run.end; begin += chunk_pairs) {
        const std::uint32_t pairs = run.end - begin < chunk_pairs ? run.end - begin : chunk_pairs;
        std::uint32_t counts[chunk_pairs][replicates_a_block][L::width];
        for (std::uint32_t p = 0; p < pairs; ++p) store_counts(tile, begin + p, counts[p]);
        for (std::size_t limb = 0; limb < tile.limb_count; ++limb) {
          const std::uint32_t* words = tile.words + limb * bootstrap_tile_pairs + begin;
          if (are_zero(words, pairs)) continue;
          U sums[replicates_a_block];
          NPO_UNROLL
          for (std::uint32_t b = 0; b < replicates_a_block; ++b) sums[b] = U(0u);
          for (std::uint32_t p = 0; p < pairs; ++p) {
            const U values(words[p]);
            NPO_UNROLL
            for (std::uint32_t b = 0; b < replicates_a_block; ++b)
              sums[b] = count_pair_.dot(sums[b], L::load(counts[p][b]), values);
          }
          add_to_totals(sums, tile.limbs[limb], run.segment, out);
        }
      }
    }
  }

 private:
  /// Eight words of counts a lane are 256 bytes a pair: a chunk stays in the first-level cache, and 32-bit
  /// sums of it cannot overflow.
  static constexpr std::uint32_t chunk_pairs = 32;

  /// Short runs are often all zero: of one class, where a column counts the other.
  NPO_HD static bool are_zero(const std::uint32_t* words, std::uint32_t pairs) {
    std::uint32_t any = 0;
    for (std::uint32_t p = 0; p < pairs; ++p) any |= words[p];
    return any == 0;
  }

  NPO_HD void store_counts(const BootstrapTileView& tile, std::uint32_t pair,
                           std::uint32_t (*counts)[L::width]) const {
    U words[replicates_a_block];
    count_pair_(tile, pair, words);
    NPO_UNROLL
    for (std::uint32_t b = 0; b < replicates_a_block; ++b) L::store(counts[b], words[b]);
  }

  NPO_HD void add_to_totals(const U* sums, BootstrapLimb limb, std::uint32_t segment,
                            const BootstrapTotals& out) const {
    std::int64_t* totals = out.totals + (segment * out.columns + limb.column) * out.replicates;
    std::uint32_t words[replicates_a_block][L::width];
    NPO_UNROLL
    for (std::uint32_t b = 0; b < replicates_a_block; ++b) L::store(words[b], sums[b]);
    const std::int64_t scale = std::int64_t{1} << limb.shift;
    for (std::uint32_t lane = 0; lane < static_cast<std::uint32_t>(L::width); ++lane) {
      const std::uint32_t first = (count_pair_.first_block() + lane) * replicates_a_block;
      if (first + replicates_a_block <= out.replicates) {  // nearly always: without a branch inside
        for (std::uint32_t b = 0; b < replicates_a_block; ++b)
          totals[first + b] += std::int64_t{static_cast<std::int32_t>(words[b][lane])} * scale;
        continue;
      }
      for (std::uint32_t b = 0; first + b < out.replicates; ++b)
        totals[first + b] += std::int64_t{static_cast<std::int32_t>(words[b][lane])} * scale;
    }
  }

  PairCounts<L> count_pair_;
};

/// Adds `tiles` tiles to the totals of the L::width blocks of replicates from `first_block` on.
template <class L>
NPO_HD void bootstrap_tiles(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                            std::size_t count, const BootstrapTotals& out) {
  const BootstrapBlocks<L> add_tile(seed, first_block);
  for (std::size_t i = 0; i < count; ++i) add_tile(tiles[i], out);
}

/// The instances, one in each object that is compiled for its instruction set.
void bootstrap_scalar(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                      std::size_t count, const BootstrapTotals& out);
void bootstrap_avx2(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                    std::size_t count, const BootstrapTotals& out);
void bootstrap_avx512(std::uint64_t seed, std::uint32_t first_block, const BootstrapTileView* tiles,
                      std::size_t count, const BootstrapTotals& out);

}  // namespace npo

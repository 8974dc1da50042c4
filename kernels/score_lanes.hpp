#pragma once
#include "kernels/lane/memory.hpp"
#include "kernels/lane/row_dots.hpp"
#include "kernels/lane/rule_columns.hpp"
#include "kernels/score_row.hpp"

/// The CPU driver of `ScoreRow` over one lane type. Rows pass in blocks that stay in the first-level cache:
/// first the features are read once, in address order, into dot products and rule columns; then the block is
/// scored step by step, so that packs of rows, which do not depend on each other, overlap; then its columns
/// leave in whole cache lines.
namespace npo {

inline constexpr int score_block_rows = 64;

/// One block between its steps; every column is padded to whole packs.
struct alignas(64) ScoreBlock {
  template <class T>
  using Column = T[score_block_rows];
  Column<float> dot, carried, base_score, score, p_surfaced;
  Column<std::uint32_t> arm, fleet_row, mask_low, mask_high, decision;
  Column<std::uint64_t> mask;
  Column<std::uint8_t> arm_code, decision_code;
  Column<float> features[max_rules];  ///< the columns that rules read
};

/// Scores the rows of a batch.
template <class L>
class ScoreLanes {
 public:
  /// `transformed_rows` holds L::width rows where the tables have transforms.
  ScoreLanes(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows)
      : tables_(tables),
        rows_(rows),
        dim_(static_cast<std::size_t>(tables.dim)),
        transformed_rows_(transformed_rows),
        score_row_(tables) {}

  /// Returns the first row that cannot be scored, or the number of rows.
  std::size_t operator()() {
    std::size_t first_bad = rows_.rows;
    for (std::size_t first = 0; first < rows_.rows; first += block_rows) {
      const std::size_t left = rows_.rows - first;
      const int n = static_cast<int>(left < block_rows ? left : block_rows);
      read_features(first, n);
      look_up_fleets(first, n);
      const int bad = score(first, n);
      if (bad < n && first_bad == rows_.rows) first_bad = first + static_cast<std::size_t>(bad);
      write(first, static_cast<std::size_t>(n));
    }
    lane::stream_fence();
    return first_bad;
  }

 private:
  using F = typename L::F;
  using U = typename L::U;
  static constexpr std::size_t block_rows = score_block_rows;

  NPO_HD const float* row(std::size_t i) const { return rows_.features + i * dim_; }

  void read_features(std::size_t first, int n) {
    for (int r = 0; r < n; r += L::width) {
      const int count = n - r < L::width ? n - r : L::width;
      const float* x = row(first + static_cast<std::size_t>(r));
      const float* model_x = tables_.transforms == nullptr ? x : transform(x, count);
      const bool usual = dim_ == 32 && count == L::width;
      L::store(block_.dot + r, usual ? dot_pack<32>(model_x) : dot_pack_of(model_x, count));
      lane::RuleColumns<L>::collect(x, tables_.dim, count, tables_.columns, tables_.column_count,
                                    block_.features[0] + r, block_rows);
    }
  }

  /// Dot products of one pack of rows of `Dim` features.
  template <int Dim>
  NPO_HD F dot_pack(const float* x) const {
    using Dots = lane::RowDots<L, Dim>;
    typename Dots::Sums sums[L::width];
    NPO_UNROLL
    for (int r = 0; r < L::width; ++r) {
      sums[r] = Dots::sums(x + r * Dim, Dim, tables_.weights);
      // Keeps the loads in address order: sinking them to their use in the fold costs half the bandwidth.
      asm volatile("" : "+v"(sums[r]));
    }
    return Dots::fold(sums);
  }

  /// The same for any width and `count` rows; lanes past them repeat the last.
  NPO_HD F dot_pack_of(const float* x, int count) const {
    using Dots = lane::RowDots<L>;
    typename Dots::Sums sums[L::width];
    for (int r = 0; r < L::width; ++r) {
      sums[r] = Dots::sums(x, tables_.dim, tables_.weights);
      if (r + 1 < count) x += dim_;
    }
    return Dots::fold(sums);
  }

  /// A copy of `count` rows with the model's transforms applied.
  const float* transform(const float* x, int count) {
    for (int i = 0; i < tables_.dim; i += L::width) {
      const int some = tables_.dim - i < L::width ? tables_.dim - i : L::width;
      std::uint32_t kinds[L::width] = {};
      for (int j = 0; j < some; ++j) kinds[j] = static_cast<std::uint32_t>(tables_.transforms[i + j]);
      const U kind = L::load(kinds);
      const float* from = x + i;
      float* to = transformed_rows_ + i;
      for (int r = 0; r < count; ++r, from += dim_, to += dim_) {
        L::store_first(to, some, transformed<L>(L::load_first(from, some), kind));
      }
    }
    return transformed_rows_;
  }

  void look_up_fleets(std::size_t first, int n) {
    const std::uint32_t* fleet = rows_.fleet + first;
    const auto stride = static_cast<std::uint32_t>(tables_.arms + 1);
    for (int r = 0; r < n; ++r) block_.fleet_row[r] = fleet[r] * stride;
    if (rows_.row_arm != nullptr) {
      for (int r = 0; r < n; ++r) block_.arm[r] = rows_.row_arm[first + static_cast<std::size_t>(r)];
    } else {
      for (int r = 0; r < n; ++r) block_.arm[r] = tables_.fleet_arm[fleet[r]];
    }
    for (int r = n; r % L::width != 0; ++r) block_.fleet_row[r] = block_.arm[r] = 0;
  }

  /// Scores the block; returns its first bad row, or n.
  int score(std::size_t first, int n) {
    const float* carried = carried_of(first, n);
    lane::ReadAhead read_ahead = next_features(first);
    for (int r = 0; r < n; r += L::width) {
      read_ahead();
      const F base = score_row_.base_score(L::load(block_.dot + r), L::load(carried + r));
      L::store(block_.base_score + r, base);
    }
    for (int r = 0; r < n; r += L::width) {
      read_ahead();
      const auto mask = score_row_.feature_mask(
          preset_mask(first, r, n), [&](std::uint32_t k) { return L::load(block_.features[k] + r); });
      L::store(block_.mask_low + r, mask.low);
      L::store(block_.mask_high + r, mask.high);
    }
    for (int r = 0; r < n; r += L::width) {
      read_ahead();
      const F score = score_row_.score(L::load(block_.base_score + r), L::load(carried + r));
      L::store(block_.score + r, score);
    }
    int first_bad = n;
    for (int r = 0; r < n; r += L::width) {
      read_ahead();
      const std::uint32_t bad = L::bits(decide(r));
      if (bad != 0 && first_bad == n) first_bad = r + __builtin_ctz(bad);
    }
    return first_bad;
  }

  /// The last step of one pack; returns which rows could not be scored.
  NPO_HD typename L::M decide(int r) {
    const F score = L::load(block_.score + r);
    const GuardrailMask<L> mask{L::load(block_.mask_low + r), L::load(block_.mask_high + r)};
    const RowDecision<L> row =
        score_row_.decide(score, mask, L::load(block_.arm + r), L::load(block_.fleet_row + r));
    L::store(block_.decision + r, row.decision);
    L::store(block_.mask_low + r, row.mask.low);
    L::store(block_.mask_high + r, row.mask.high);
    L::store(block_.p_surfaced + r, row.p_surfaced);
    return L::is_nan(score);
  }

  /// The block's carried values; a padded copy where there are none or too few.
  const float* carried_of(std::size_t first, int n) {
    if (rows_.carried != nullptr && n == score_block_rows) return rows_.carried + first;
    for (int r = 0; r < score_block_rows; ++r) {
      const bool known = rows_.carried != nullptr && r < n;
      block_.carried[r] = known ? rows_.carried[first + static_cast<std::size_t>(r)] : no_correction;
    }
    return block_.carried;
  }

  NPO_HD GuardrailMask<L> preset_mask(std::size_t first, int r, int n) const {
    if (rows_.preset_mask == nullptr) return {U(0u), U(0u)};
    std::uint32_t low[L::width] = {}, high[L::width] = {};
    for (int i = 0; i < L::width && r + i < n; ++i) {
      const std::uint64_t mask = rows_.preset_mask[first + static_cast<std::size_t>(r + i)];
      low[i] = static_cast<std::uint32_t>(mask);
      high[i] = static_cast<std::uint32_t>(mask >> 32);
    }
    return {L::load(low), L::load(high)};
  }

  /// While a block is scored nothing else would be read, and what has been asked for by the time it is done
  /// is what the next block can be read at full speed. Of wide rows the start is enough.
  NPO_HD lane::ReadAhead next_features(std::size_t first) const {
    constexpr std::size_t most = 8192;
    const std::size_t block = block_rows * dim_ * sizeof(float);
    return {row(first + block_rows), most, block < most ? block : most, 4 * score_block_rows / L::width};
  }

  void write(std::size_t first, std::size_t n) {
    for (int r = 0; r < score_block_rows; ++r) {
      block_.mask[r] = std::uint64_t{block_.mask_high[r]} << 32 | block_.mask_low[r];
      block_.arm_code[r] = static_cast<std::uint8_t>(block_.arm[r]);
      block_.decision_code[r] = static_cast<std::uint8_t>(block_.decision[r]);
    }
    lane::stream_out(block_.base_score, rows_.base_score + first, n);
    lane::stream_out(block_.score, rows_.score + first, n);
    lane::stream_out(block_.p_surfaced, rows_.p_surfaced + first, n);
    lane::stream_out(block_.mask, rows_.mask + first, n);
    lane::stream_out(block_.arm_code, rows_.arm + first, n);
    lane::stream_out(block_.decision_code, rows_.decision + first, n);
  }

  const ScoreTables& tables_;
  const RowColumns& rows_;
  std::size_t dim_;
  float* transformed_rows_;
  ScoreRow<L> score_row_;
  ScoreBlock block_;
};

/// The instances, one in each object that is compiled for its instruction set.
std::size_t score_lanes_scalar(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);
std::size_t score_lanes_avx2(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);
std::size_t score_lanes_avx512(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);

}  // namespace npo

#pragma once
#include "kernels/lane/bundle.hpp"
#include "kernels/lane/memory.hpp"
#include "kernels/lane/pack_pass.hpp"
#include "kernels/score_row.hpp"

/// The CPU driver of `ScoreRow` over one lane type. Rows pass in blocks that stay in the first-level cache:
/// first the features are read once, in address order, into dot products and guardrail masks; then bundles of
/// packs are scored; then the finished columns leave in whole cache lines.
namespace npo {

inline constexpr int score_block_rows = 64;

/// One block between its phases; every column is padded to whole bundles.
struct alignas(64) ScoreBlock {
  template <class T>
  using Column = T[score_block_rows];
  Column<float> dot, carried, base_score, score, p_surfaced;
  Column<std::uint32_t> arm, fleet_row, mask_low, mask_high, decision;
  Column<std::uint64_t> mask;
  Column<std::uint8_t> arm_code, decision_code;
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
        // What a small batch leaves is read again soon, and to wait for the memory at its end costs more than
        // it saves.
        stream_(rows.rows >= 512) {}

  /// Returns the first row that cannot be scored, or the number of rows.
  std::size_t operator()() {
    std::size_t first_bad = rows_.rows;
    for (std::size_t first = 0; first < rows_.rows; first += block_rows) {
      const std::size_t left = rows_.rows - first;
      const int n = static_cast<int>(left < block_rows ? left : block_rows);
      expect_outputs(first, n, rows_.base_score, rows_.arm, rows_.decision);
      read_features(first, n);
      add_preset_masks(first, n);
      expect_outputs(first, n, rows_.score, rows_.p_surfaced);
      look_up_fleets(first, n);
      expect_outputs(first, n, rows_.mask);
      const int bad = score(first, n);
      if (bad < n && first_bad == rows_.rows) first_bad = first + static_cast<std::size_t>(bad);
      write(first, n);
    }
    if (stream_) lane::stream_fence();
    return first_bad;
  }

 private:
  using F = typename L::F;
  using U = typename L::U;
  using Packs = lane::Bundle<L, 4>;
  static constexpr std::size_t block_rows = score_block_rows;
  static constexpr int usual_dim = 32;  ///< a width worth a loop of its own

  NPO_HD const float* row(std::size_t i) const { return rows_.features + i * dim_; }

  void read_features(std::size_t first, int n) {
    using Pass = lane::PackPass<L, usual_dim>;
    lane::ReadAhead read_ahead = next_features(first, n, 0, score_block_rows / L::width);
    for (int r = 0; r < n; r += L::width) {
      const int count = n - r < L::width ? n - r : L::width;
      const float* x = row(first + static_cast<std::size_t>(r));
      if (tables_.transforms == nullptr && Pass::takes(dim_) && count == L::width) {
        const lane::PackPlan plan{tables_.weights, tables_.feature_rules, tables_.feature_rule_groups,
                                  block_.mask + r};
        L::store(block_.dot + r, Pass::read(x, tables_.dim, plan, read_ahead));
      } else {
        read_any_pack(x, r, count);
      }
    }
  }

  void read_any_pack(const float* x, int r, int count) {
    L::store(block_.dot + r, tables_.transforms == nullptr ? dot_pack<true>(x, count)
                                                           : dot_pack<false>(transform(x, count), count));
    for (int i = 0; i < L::width; ++i) block_.mask[r + i] = 0;
    lane::PackRules<L>::test(tables_.feature_rules, tables_.feature_rule_groups, x, tables_.dim, count,
                             block_.mask + r);
  }

  /// Dot products of one pack of rows; lanes past `count` repeat the last row. With `Ahead` it asks for what
  /// follows them.
  template <bool Ahead>
  NPO_HD F dot_pack(const float* x, int count) const {
    using Dots = lane::RowDots<L>;
    typename Dots::Sums sums[L::width];
    for (int r = 0; r < L::width; ++r) {
      sums[r] = Dots::template sums<Ahead>(x, tables_.dim, tables_.weights);
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
        lane::expect_line(lane::row_ahead(from), 0);
        L::store_first(to, some, transformed<L>(L::load_first(from, some), kind));
      }
    }
    return transformed_rows_;
  }

  void look_up_fleets(std::size_t first, int n) {
    constexpr std::size_t column = block_rows * sizeof(std::uint32_t);
    const std::uint32_t* fleet = rows_.fleet + first;
    if (n == score_block_rows) lane::expect_reads(fleet, 8 * column, column);
    const auto stride = static_cast<std::uint32_t>(tables_.arms + 1);
    for (int r = 0; r < n; ++r) block_.fleet_row[r] = fleet[r] * stride;
    if (rows_.row_arm != nullptr) {
      for (int r = 0; r < n; ++r) block_.arm[r] = rows_.row_arm[first + static_cast<std::size_t>(r)];
    } else {
#pragma GCC unroll 8
      for (int r = 0; r < n; ++r) block_.arm[r] = tables_.fleet_arm[fleet[r]];
    }
    for (int r = n; r % Packs::width != 0; ++r) block_.fleet_row[r] = block_.arm[r] = 0;
  }

  /// Scores the block; returns its first bad row, or n.
  int score(std::size_t first, int n) {
    const int steps = score_block_rows / Packs::width * (3 + tables_.arms);
    lane::ReadAhead read_ahead = next_features(first, n, 1, steps);
    const float* carried = carried_of(first, n);
    int first_bad = n;
    for (int r = 0; r < n; r += Packs::width) {
      const int bad = score_packs(r, carried, read_ahead);
      if (bad < Packs::width && r + bad < first_bad) first_bad = r + bad;
    }
    return first_bad;
  }

  /// Scores the rows of one bundle from `r` on; returns the first bad one, or their number.
  NPO_HD int score_packs(int r, const float* all_carried, lane::ReadAhead& read_ahead) {
    const ScoreRow<Packs> score_row(tables_);
    const auto carried = Packs::load(all_carried + r);
    const auto base = score_row.base_score(Packs::load(block_.dot + r), carried);
    read_ahead();
    const auto score = score_row.score(base, carried);
    read_ahead();
    const auto over_score = score_row.score_mask(score);
    const auto hit = over_score.any();
    const auto row =
        score_row.decide(score, Packs::not_zero(block_.mask + r) | hit, Packs::load(block_.arm + r),
                         Packs::load(block_.fleet_row + r), [&] { read_ahead(); });
    read_ahead();
    Packs::store(block_.base_score + r, base);
    Packs::store(block_.score + r, score);
    Packs::store(block_.decision + r, row.decision);
    Packs::store(block_.p_surfaced + r, row.p_surfaced);
    if (Packs::any(hit)) add_to_masks(r, over_score);
    return Packs::first_true(Packs::is_nan(score));
  }

  void add_to_masks(int first, const GuardrailMask<Packs>& hits) {
    Packs::store(block_.mask_low + first, hits.low);
    Packs::store(block_.mask_high + first, hits.high);
    for (int r = first; r < first + Packs::width; ++r)
      block_.mask[r] |= std::uint64_t{block_.mask_high[r]} << 32 | block_.mask_low[r];
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

  /// The guardrails that rows bring with them.
  void add_preset_masks(std::size_t first, int n) {
    if (rows_.preset_mask == nullptr) return;
    for (int r = 0; r < n; ++r) block_.mask[r] |= rows_.preset_mask[first + static_cast<std::size_t>(r)];
  }

  /// One half, 0 or 1, of the features two blocks ahead, asked for between the steps: without that nothing
  /// would be read while a block is scored. The first half is for the time of reading, the second for that of
  /// scoring; more at once than the processor can keep in flight is lost. Rows of another width than the
  /// usual ask for what follows while they are read; after a part of a block nothing is
  /// expected while it is scored.
  NPO_HD lane::ReadAhead next_features(std::size_t first, int n, std::size_t half, int steps) const {
    constexpr std::size_t block = block_rows * usual_dim * sizeof(float);
    const bool usual = dim_ == usual_dim && tables_.transforms == nullptr && n == score_block_rows;
    const std::size_t wanted = usual ? block / 2 : 0;
    return {row(first), 2 * block + half * wanted, wanted, steps};
  }

  /// Asks for the lines that a block will write, a few columns at a time: more at once are lost.
  template <class... Output>
  NPO_HD void expect_outputs(std::size_t first, int n, const Output*... output) const {
    if (!stream_) (lane::expect_writes(output + first, static_cast<std::size_t>(n)), ...);
  }

  void write(std::size_t first, int n) {
    for (int r = 0; r < score_block_rows; ++r) {
      block_.arm_code[r] = static_cast<std::uint8_t>(block_.arm[r]);
      block_.decision_code[r] = static_cast<std::uint8_t>(block_.decision[r]);
    }
    const auto count = static_cast<std::size_t>(n);
    if (stream_) {
      each_output(first, [count](const auto* block, auto* out) { lane::stream_out(block, out, count); });
    } else if (n == score_block_rows) {
      each_output(first, [](const auto* block, auto* out) { lane::copy_out(block, out, block_rows); });
    } else {
      each_output(first, [count](const auto* block, auto* out) { lane::copy_out(block, out, count); });
    }
  }

  /// Calls `action` with the block's part and the batch's part of every output column.
  template <class Action>
  NPO_HD void each_output(std::size_t first, const Action& action) {
    action(block_.base_score, rows_.base_score + first);
    action(block_.score, rows_.score + first);
    action(block_.p_surfaced, rows_.p_surfaced + first);
    action(block_.mask, rows_.mask + first);
    action(block_.arm_code, rows_.arm + first);
    action(block_.decision_code, rows_.decision + first);
  }

  const ScoreTables& tables_;
  const RowColumns& rows_;
  std::size_t dim_;
  float* transformed_rows_;
  bool stream_;  ///< outputs are written past the cache
  ScoreBlock block_;
};

/// The instances, one in each object that is compiled for its instruction set.
std::size_t score_lanes_scalar(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);
std::size_t score_lanes_avx2(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);
std::size_t score_lanes_avx512(const ScoreTables& tables, const RowColumns& rows, float* transformed_rows);

}  // namespace npo

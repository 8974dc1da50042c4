#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace npo {

/// Rows of one group. Optional columns are empty.
struct ScoredRows {
  std::span<const float> score;
  std::span<const std::uint8_t> label;  ///< 0 or 1
  /// 1 where there is no score: `score` is a rank, no probability; optional.
  std::span<const std::uint8_t> unscored = {};
  std::span<const std::uint8_t> decision;  ///< Decision; optional
  std::span<const std::uint32_t> weight;   ///< integers of at most 30 bits; empty: all 1
  std::span<const std::uint64_t> key;      ///< of the bootstrap unit; empty: the row's position
  std::size_t size() const { return score.size(); }
  bool has_score(std::size_t row) const { return unscored.empty() || unscored[row] == 0; }
};

/// Rows of similar score and equal decision, with or without a score, whose totals are bootstrapped together:
/// every threshold between two bins then has replicates, and so have all metrics that follow from the curve.
struct ScoreCells {
  struct Cell {
    std::uint32_t bin;      ///< bins count from the highest score down
    std::uint8_t decision;  ///< 0 where there are no decisions
    bool unscored = false;  ///< rows without a score have cells of their own
  };
  std::vector<std::uint32_t> cell_of;  ///< [rows]
  std::vector<Cell> cells;             ///< ascending by bin
  std::vector<double> mean_score;      ///< [bins] of rows with a score; 0 where there are none
  std::size_t bins() const { return mean_score.size(); }
};

/// Cuts at up to `cuts_per_class` quantiles of the scores of either class, so that no bin holds more than
/// that share of either, and at `edges`. Where a class has fewer rows, it is cut at each of its scores, and
/// the curve through the bins is exact.
ScoreCells make_score_cells(const ScoredRows& rows, std::size_t cuts_per_class, std::span<const float> edges);

/// Cells of `bins` equal parts of [0, 1] and every decision, for rows that are not all at hand; none is
/// assigned.
ScoreCells even_score_cells(std::size_t bins);
/// Their cell of every row; scores lie in [0, 1].
std::vector<std::uint32_t> assign_even_cells(const ScoredRows& rows, std::size_t bins);

}  // namespace npo

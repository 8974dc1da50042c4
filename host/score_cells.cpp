#include "host/score_cells.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

/// Quantiles are taken from every n-th row where there are more rows than this: bins need not be exact.
constexpr std::size_t most_sampled = 1 << 18;
constexpr std::uint32_t no_cell = std::numeric_limits<std::uint32_t>::max();

void add_quantiles(std::vector<float> scores, std::size_t count, std::vector<float>& cuts) {
  std::sort(scores.begin(), scores.end());
  if (scores.size() <= count) {
    cuts.insert(cuts.end(), scores.begin(), scores.end());
    return;
  }
  for (std::size_t i = 0; i < count; ++i) cuts.push_back(scores[i * scores.size() / count]);
}

/// Lower edges of bins, ascending and distinct.
std::vector<float> find_cuts(const ScoredRows& rows, std::size_t per_class, std::span<const float> edges) {
  std::array<std::vector<float>, 2> sample;
  const std::size_t stride = std::max<std::size_t>(1, rows.size() / most_sampled);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows.label[i] == 1 || i % stride == 0) sample[rows.label[i]].push_back(rows.score[i]);
  std::vector<float> cuts(edges.begin(), edges.end());
  for (auto& scores : sample) add_quantiles(std::move(scores), per_class, cuts);
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::uint32_t bin_of(float score, const std::vector<float>& cuts) {
  return static_cast<std::uint32_t>(cuts.end() - std::upper_bound(cuts.begin(), cuts.end(), score));
}

/// Cells that a bin may have: decisions with a score, then decisions without.
constexpr std::size_t places = 2 * decision_count;

std::uint32_t place_of(const ScoredRows& rows, std::size_t row) {
  return (rows.decision.empty() ? 0u : rows.decision[row]) +
         (rows.has_score(row) ? 0u : static_cast<std::uint32_t>(decision_count));
}

/// Numbers the places that occur, in order.
std::vector<std::uint32_t> number_cells(const std::vector<bool>& occurs, ScoreCells& cells) {
  std::vector<std::uint32_t> number(occurs.size(), no_cell);
  for (std::size_t i = 0; i < occurs.size(); ++i) {
    if (!occurs[i]) continue;
    number[i] = static_cast<std::uint32_t>(cells.cells.size());
    const std::size_t place = i % places;
    cells.cells.push_back({static_cast<std::uint32_t>(i / places),
                           static_cast<std::uint8_t>(place % decision_count), place >= decision_count});
  }
  return number;
}

}  // namespace

ScoreCells make_score_cells(const ScoredRows& rows, std::size_t cuts_per_class,
                            std::span<const float> edges) {
  const std::vector<float> cuts = find_cuts(rows, cuts_per_class, edges);
  const std::size_t bins = cuts.size() + 1;
  ScoreCells cells;
  cells.cell_of.resize(rows.size());
  std::vector<bool> occurs(bins * places, false);
  std::vector<double> sum(bins, 0.0), count(bins, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t bin = bin_of(rows.score[i], cuts);
    const std::uint32_t cell = bin * static_cast<std::uint32_t>(places) + place_of(rows, i);
    cells.cell_of[i] = cell;
    occurs[cell] = true;
    if (!rows.has_score(i)) continue;
    sum[bin] += static_cast<double>(rows.score[i]);
    count[bin] += 1.0;
  }
  const auto number = number_cells(occurs, cells);
  for (std::uint32_t& cell : cells.cell_of) cell = number[cell];
  cells.mean_score.resize(bins, 0.0);
  for (std::size_t b = 0; b < bins; ++b)
    if (count[b] > 0.0) cells.mean_score[b] = sum[b] / count[b];
  return cells;
}

ScoreCells even_score_cells(std::size_t bins) {
  ScoreCells cells;
  for (std::uint32_t bin = 0; bin < bins; ++bin) {
    for (int decision = 0; decision < decision_count; ++decision)
      cells.cells.push_back({bin, static_cast<std::uint8_t>(decision)});
    cells.mean_score.push_back(1.0 - (static_cast<double>(bin) + 0.5) / static_cast<double>(bins));
  }
  return cells;
}

std::vector<std::uint32_t> assign_even_cells(const ScoredRows& rows, std::size_t bins) {
  std::vector<std::uint32_t> cell_of;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto from_below = std::min(
        bins - 1, static_cast<std::size_t>(static_cast<double>(rows.score[i]) * static_cast<double>(bins)));
    const std::size_t decision = rows.decision.empty() ? 0 : rows.decision[i];
    cell_of.push_back(static_cast<std::uint32_t>((bins - 1 - from_below) * decision_count + decision));
  }
  return cell_of;
}

}  // namespace npo

#include "host/score_replicates.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "host/logistic_line.hpp"
#include "host/replicate_curves.hpp"
#include "kernels/calibration.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t block_rows = std::size_t{1} << 20;
constexpr int loss_bits = 30, log_loss_bits = 24;  ///< log losses reach 36: 30 bits each
constexpr double weight_unit = 0x1p-30;            ///< integer weights as weights below 1
constexpr double logit_margin = 1e-6;              ///< as in fit_calibration
constexpr std::size_t count_columns = 2, loss_columns = 3;
constexpr std::size_t many_rows = 32;                                        ///< in a cell
constexpr std::int64_t most_small = std::int64_t{1} << 51, most_count = 16;  ///< of a unit in a replicate

/// The weights of a block of rows by outcome.
class CountColumns {
 public:
  CountColumns(const ScoredRows& rows, std::size_t first, std::size_t count)
      : weight_{Column(count), Column(count)} {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      weight_[rows.label[row] == 1 ? 0 : 1][i] = rows.weight.empty() ? 1 : rows.weight[row];
    }
  }
  std::vector<std::span<const std::int64_t>> spans() const { return {weight_.begin(), weight_.end()}; }

 private:
  using Column = std::vector<std::int64_t>;
  std::array<Column, 2> weight_;
};

/// The losses of a block of rows, as integers.
class LossColumns {
 public:
  LossColumns(const ScoredRows& rows, std::size_t first, std::size_t count) {
    std::vector<double> brier(count), log_loss(count), gap(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      if (!rows.has_score(row)) continue;
      const double weight = rows.weight.empty() ? 1.0 : rows.weight[row] * weight_unit;
      const bool happened = rows.label[row] == 1;
      const double error = static_cast<double>(rows.score[row]) - (happened ? 1.0 : 0.0);
      brier[i] = weight * error * error;
      log_loss[i] = weight * log_loss_of(rows.score[row], happened);
      gap[i] = weight * error;
    }
    columns_ = {to_bootstrap_column(brier, loss_bits), to_bootstrap_column(log_loss, log_loss_bits),
                to_bootstrap_column(gap, loss_bits)};
  }
  std::vector<std::span<const std::int64_t>> spans() const { return {columns_.begin(), columns_.end()}; }

 private:
  std::array<std::vector<std::int64_t>, 3> columns_;
};

double logit_of(double score) {
  return elementary64::logit(std::clamp(score, logit_margin, 1.0 - logit_margin));
}

/// Which of `parts` equal parts of [0, 1] the mean score of each cell's bin lies in.
std::vector<std::uint32_t> parts_of_cells(const ScoreCells& cells, std::size_t parts) {
  std::vector<std::uint32_t> part_of_cell;
  part_of_cell.reserve(cells.cells.size());
  for (const ScoreCells::Cell& cell : cells.cells) {
    const double place = cells.mean_score[cell.bin] * static_cast<double>(parts);
    part_of_cell.push_back(
        static_cast<std::uint32_t>(std::clamp(std::floor(place), 0.0, static_cast<double>(parts) - 1.0)));
  }
  return part_of_cell;
}

/// Integers below 2^51 in size as doubles, several at a time: they are added to the mantissa of a large one.
void small_to_double(std::span<const std::int64_t> integers, double* doubles) {
  constexpr double large = 0x1.8p52;
  for (std::size_t i = 0; i < integers.size(); ++i)
    doubles[i] = std::bit_cast<double>(integers[i] + std::bit_cast<std::int64_t>(large)) - large;
}

}  // namespace

ScoreReplicates::ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability,
                                 std::size_t rows)
    : cells_(std::move(cells)),
      settings_(settings),
      probability_(probability),
      weighted_(false),
      part_of_cell_(parts_of_cells(cells_, settings.reliability_bins)),
      together_(probability && rows / many_rows >= cells_.cells.size()),
      counts_(BootstrapPlan{.seed = settings.seed,
                            .replicates = settings.bootstrap,
                            .columns = count_columns + (together_ ? loss_columns : 0),
                            .segments = cells_.cells.size()}),
      losses_(BootstrapPlan{.seed = settings.seed,
                            .replicates = settings.bootstrap,
                            .columns = loss_columns,
                            .segments = probability && !together_ ? settings.reliability_bins : 0}) {}

ScoreReplicates::ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability)
    : ScoreReplicates(std::move(cells), settings, probability, std::numeric_limits<std::size_t>::max()) {}

ScoreReplicates::ScoreReplicates(const ScoredRows& rows, ScoreCells cells, const MetricSettings& settings,
                                 bool probability, const BootstrapEngine& engine)
    : ScoreReplicates(std::move(cells), settings, probability, rows.size()) {
  weighted_ = !rows.weight.empty();
  add(rows, cells_.cell_of, 0, engine);
}

void ScoreReplicates::add(const ScoredRows& rows, std::span<const std::uint32_t> cell_of,
                          std::uint64_t first_row, const BootstrapEngine& engine) {
  for (std::size_t first = 0; first < rows.size(); first += block_rows) {
    const std::size_t count = std::min(block_rows, rows.size() - first);
    BootstrapUnits units{.key = rows.key.empty() ? rows.key : rows.key.subspan(first, count),
                         .first_key = first_row + first,
                         .units = count,
                         .segment = cell_of.subspan(first, count),
                         .columns = {}};
    const CountColumns counts(rows, first, count);
    const LossColumns losses(rows, first, probability_ ? count : 0);
    units.columns = counts.spans();
    if (together_) std::ranges::copy(losses.spans(), std::back_inserter(units.columns));
    engine.add(counts_, units);
    if (!probability_ || together_) continue;
    std::vector<std::uint32_t> part(count);
    for (std::size_t i = 0; i < count; ++i) part[i] = part_of_cell_[units.segment[i]];
    units.segment = part;
    units.columns = losses.spans();
    engine.add(losses_, units);
  }
}

double ScoreReplicates::unit(Loss loss) const {
  const double unit = std::ldexp(1.0, -(loss == log_loss ? log_loss_bits : loss_bits));
  return weighted_ ? unit / weight_unit : unit;
}

template <class Each>
void ScoreReplicates::for_summands(Loss loss, const Each& each) const {
  if (together_)
    for (std::size_t c = 0; c < cells_.cells.size(); ++c)
      each(part_of_cell_[c], counts_.replicates(c, count_columns + loss));
  else
    for (std::size_t part = 0; part < losses_.plan().segments; ++part)
      each(part, losses_.replicates(part, loss));
}

std::span<const double> ScoreReplicates::totals_of(std::size_t cell, Count count,
                                                   std::vector<double>& totals) const {
  const std::int64_t observed = counts_.observed(cell, count);
  if (observed == 0) return {};
  const std::span<const std::int64_t> drawn = counts_.replicates(cell, count);
  totals.resize(drawn.size() + 1);
  if (observed <= most_small / most_count)
    small_to_double(drawn, totals.data());
  else
    std::ranges::transform(drawn, totals.begin(), [](std::int64_t x) { return static_cast<double>(x); });
  totals.back() = static_cast<double>(observed);
  return totals;
}

std::vector<ScoreTotals> ScoreReplicates::totals() const {
  enum Part : std::size_t { hit, false_alarm, missed, left, without_score };
  std::array<std::vector<double>, 5> sums;
  for (auto& sum : sums) sum.resize(settings_.bootstrap + std::size_t{1});
  std::vector<double> drawn;
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const bool surfaced = cells_.cells[c].decision == static_cast<std::uint8_t>(Decision::surfaced);
    add_up(totals_of(c, positive, drawn), sums[surfaced ? hit : missed]);
    add_up(totals_of(c, negative, drawn), sums[surfaced ? false_alarm : left]);
    if (!cells_.cells[c].unscored) continue;
    for (const Count count : {positive, negative}) add_up(totals_of(c, count, drawn), sums[without_score]);
  }
  std::vector<ScoreTotals> all(settings_.bootstrap);
  for (std::size_t b = 0; b < all.size(); ++b)
    all[b] = {.true_positive = sums[hit][b],
              .false_positive = sums[false_alarm][b],
              .false_negative = sums[missed][b],
              .true_negative = sums[left][b],
              .unscored = sums[without_score][b]};
  if (!probability_) return all;
  const double square_unit = unit(brier), log_unit = unit(log_loss);
  for_summands(brier, [&](std::size_t, std::span<const std::int64_t> summand) {
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i].brier += static_cast<double>(summand[i]) * square_unit;
  });
  for_summands(log_loss, [&](std::size_t, std::span<const std::int64_t> summand) {
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i].log_loss += static_cast<double>(summand[i]) * log_unit;
  });
  return all;
}

namespace {

/// The replicates moved by what binning changes in the sample.
template <class Curves>
std::vector<double> moved_values(const Curves& curves, std::size_t replicates, double exact) {
  const double shift = exact - curves.value(replicates);
  std::vector<double> all;
  all.reserve(replicates);
  for (std::size_t b = 0; b < replicates; ++b)
    all.push_back(std::clamp(curves.value(b) + shift, 0.0, 1.0));  // NaN stays NaN
  return all;
}

}  // namespace

bool ScoreReplicates::ends_bin(std::size_t cell) const {
  return cell + 1 == cells_.cells.size() || cells_.cells[cell + 1].bin != cells_.cells[cell].bin;
}

template <class Curves>
Curves ScoreReplicates::curves() const {
  Curves curves(settings_.bootstrap + std::size_t{1});
  std::vector<double> drawn;
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    if (const auto totals = totals_of(c, positive, drawn); !totals.empty()) curves.add_positives(totals);
    if (const auto totals = totals_of(c, negative, drawn); !totals.empty()) curves.add_negatives(totals);
    if (ends_bin(c)) curves.end_bin();
  }
  return curves;
}

std::vector<double> ScoreReplicates::average_precision(double exact) const {
  return moved_values(curves<PrecisionCurves>(), settings_.bootstrap, exact);
}

std::vector<double> ScoreReplicates::auroc(double exact) const {
  return moved_values(curves<RocCurves>(), settings_.bootstrap, exact);
}

ScoreReplicates::Lines ScoreReplicates::calibration(double exact_slope, double exact_intercept) const {
  std::vector<double> logits;
  for (const double score : cells_.mean_score) logits.push_back(logit_of(score));
  std::vector<LinePoint> sample;
  for (const double x : logits) sample.push_back({x, 0.0, 0.0});
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    if (cells_.cells[c].unscored) continue;
    const auto yes = static_cast<double>(counts_.observed(c, positive));
    sample[cells_.cells[c].bin].positive += yes;
    sample[cells_.cells[c].bin].weight += yes + static_cast<double>(counts_.observed(c, negative));
  }
  Lines lines{std::vector<double>(settings_.bootstrap, undefined),
              std::vector<double>(settings_.bootstrap, undefined)};
  const auto binned = fit_logistic_line(sample, {exact_slope, exact_intercept});
  if (!binned) return lines;
  const LineStep step(logits, *binned);
  const std::size_t replicates = settings_.bootstrap;
  constexpr std::size_t lanes = LineStep::lanes;
  std::vector<LineStep::Sums> sums(replicates / lanes + 1);  // the sample stands behind the replicates
  std::vector<double> drawn;
  for (std::size_t c = 0; c < cells_.cells.size(); ++c)
    for (const Count count : {positive, negative}) {
      if (cells_.cells[c].unscored || totals_of(c, count, drawn).empty()) continue;
      drawn.resize(sums.size() * lanes);
      for (std::size_t i = 0; i < sums.size(); ++i)
        step.add(cells_.cells[c].bin, count == positive, drawn.data() + i * lanes, sums[i]);
    }
  for (std::size_t b = 0; b < replicates; ++b)
    if (const auto line = step(sums[b / lanes], b % lanes)) {
      lines.slope[b] = line->slope + (exact_slope - binned->slope);
      lines.intercept[b] = line->intercept + (exact_intercept - binned->intercept);
    }
  return lines;
}

std::vector<double> ScoreReplicates::calibration_error(std::span<const ScoreTotals> totals) const {
  const std::size_t replicates = settings_.bootstrap;
  const std::size_t parts = settings_.reliability_bins;
  std::vector<double> gaps(parts * replicates), all(replicates, undefined);
  const double scale = unit(gap);
  for_summands(gap, [&](std::size_t part, std::span<const std::int64_t> summand) {
    double* part_gaps = gaps.data() + part * replicates;
    for (std::size_t b = 0; b < replicates; ++b) part_gaps[b] += static_cast<double>(summand[b]) * scale;
  });
  for (std::size_t b = 0; b < replicates; ++b) {
    double sum = 0.0;
    for (std::size_t part = 0; part < parts; ++part) sum += std::fabs(gaps[part * replicates + b]);
    if (const double weight = totals[b].scored(); weight > 0.0) all[b] = sum / weight;
  }
  return all;
}

}  // namespace npo

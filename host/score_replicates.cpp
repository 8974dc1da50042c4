#include "host/score_replicates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/logistic_line.hpp"
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

/// The columns of a block of rows, as integers.
class Columns {
 public:
  Columns(const ScoredRows& rows, std::size_t first, std::size_t count, bool probability) {
    columns_.resize(probability ? 5 : 2);
    for (auto& column : columns_) column.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      const std::int64_t weight = rows.weight.empty() ? 1 : rows.weight[row];
      columns_[rows.label[row] == 1 ? 0 : 1][i] = weight;
    }
    if (probability) add_losses(rows, first, count);
  }
  std::vector<std::span<const std::int64_t>> spans() const { return {columns_.begin(), columns_.end()}; }

 private:
  void add_losses(const ScoredRows& rows, std::size_t first, std::size_t count) {
    std::vector<double> brier(count), log_loss(count), gap(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      const double weight = rows.weight.empty() ? 1.0 : rows.weight[row] * weight_unit;
      const bool happened = rows.label[row] == 1;
      const double error = static_cast<double>(rows.score[row]) - (happened ? 1.0 : 0.0);
      brier[i] = weight * error * error;
      log_loss[i] = weight * log_loss_of(rows.score[row], happened);
      gap[i] = weight * error;
    }
    columns_[2] = to_bootstrap_column(brier, loss_bits);
    columns_[3] = to_bootstrap_column(log_loss, log_loss_bits);
    columns_[4] = to_bootstrap_column(gap, loss_bits);
  }
  std::vector<std::vector<std::int64_t>> columns_;
};

double logit_of(double score) {
  return elementary64::logit(std::clamp(score, logit_margin, 1.0 - logit_margin));
}

}  // namespace

ScoreReplicates::ScoreReplicates(const ScoredRows& rows, ScoreCells cells, const MetricSettings& settings,
                                 bool probability, SimdLevel level, const ParallelFor& parallel)
    : cells_(std::move(cells)),
      settings_(settings),
      probability_(probability),
      weighted_(!rows.weight.empty()),
      sums_(BootstrapPlan{.seed = settings.seed,
                          .replicates = settings.bootstrap,
                          .columns = probability ? std::size_t{5} : std::size_t{2},
                          .segments = cells_.cells.size()}) {
  add_blocks(rows, level, parallel);
}

void ScoreReplicates::add_blocks(const ScoredRows& rows, SimdLevel level, const ParallelFor& parallel) {
  for (std::size_t first = 0; first < rows.size(); first += block_rows) {
    const std::size_t count = std::min(block_rows, rows.size() - first);
    const Columns columns(rows, first, count, probability_);
    sums_.add({.key = rows.key.empty() ? rows.key : rows.key.subspan(first, count),
               .first_key = first,
               .units = count,
               .segment = std::span(cells_.cell_of).subspan(first, count),
               .columns = columns.spans()},
              level, parallel);
  }
}

double ScoreReplicates::total(std::size_t cell, Column column, std::size_t b) const {
  const double units = static_cast<double>(b == settings_.bootstrap ? sums_.observed(cell, column)
                                                                    : sums_.replicates(cell, column)[b]);
  if (column == positive || column == negative) return units;
  const double unit = column == log_loss ? std::ldexp(1.0, -log_loss_bits) : std::ldexp(1.0, -loss_bits);
  return units * (weighted_ ? unit / weight_unit : unit);
}

std::vector<ScoreTotals> ScoreReplicates::totals() const {
  std::vector<ScoreTotals> all(settings_.bootstrap);
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const bool surfaced = cells_.cells[c].decision == static_cast<std::uint8_t>(Decision::surfaced);
    for (std::size_t b = 0; b < all.size(); ++b) {
      ScoreTotals& t = all[b];
      (surfaced ? t.true_positive : t.false_negative) += total(c, positive, b);
      (surfaced ? t.false_positive : t.true_negative) += total(c, negative, b);
      if (!probability_) continue;
      t.brier += total(c, brier, b);
      t.log_loss += total(c, log_loss, b);
    }
  }
  return all;
}

double ScoreReplicates::average_precision_in(std::size_t b) const {
  double positives = 0.0;
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) positives += total(c, positive, b);
  if (positives == 0.0) return undefined;
  double hits = 0.0, alarms = 0.0, area = 0.0;
  for (std::size_t c = 0; c < cells_.cells.size();) {
    const std::uint32_t bin = cells_.cells[c].bin;
    double gained = 0.0;
    for (; c < cells_.cells.size() && cells_.cells[c].bin == bin; ++c) {
      gained += total(c, positive, b);
      alarms += total(c, negative, b);
    }
    hits += gained;
    alarms += gained;
    if (gained > 0.0) area += gained / positives * (hits / alarms);
  }
  return area;
}

std::vector<double> ScoreReplicates::average_precision(double exact) const {
  const double shift = exact - average_precision_in(settings_.bootstrap);
  std::vector<double> all(settings_.bootstrap);
  for (std::size_t b = 0; b < all.size(); ++b)
    all[b] = std::clamp(average_precision_in(b) + shift, 0.0, 1.0);  // NaN stays NaN
  return all;
}

ScoreReplicates::Lines ScoreReplicates::calibration(double exact_slope, double exact_intercept) const {
  std::vector<double> logits;
  for (const double score : cells_.mean_score) logits.push_back(logit_of(score));
  std::vector<LinePoint> points(cells_.bins());
  const auto replicate = [&](std::size_t b) -> std::span<const LinePoint> {
    for (std::size_t bin = 0; bin < points.size(); ++bin) points[bin] = {logits[bin], 0.0, 0.0};
    for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
      LinePoint& point = points[cells_.cells[c].bin];
      point.positive += total(c, positive, b);
      point.weight += total(c, positive, b) + total(c, negative, b);
    }
    return points;
  };
  Lines lines{std::vector<double>(settings_.bootstrap, undefined),
              std::vector<double>(settings_.bootstrap, undefined)};
  const auto binned = fit_logistic_line(replicate(settings_.bootstrap), {exact_slope, exact_intercept});
  if (!binned) return lines;
  const LineStep step_to(logits, *binned);
  for (std::size_t b = 0; b < settings_.bootstrap; ++b)
    if (const auto line = step_to(replicate(b))) {
      lines.slope[b] = line->slope + (exact_slope - binned->slope);
      lines.intercept[b] = line->intercept + (exact_intercept - binned->intercept);
    }
  return lines;
}

std::vector<double> ScoreReplicates::calibration_error() const {
  const double parts = static_cast<double>(settings_.reliability_bins);
  std::vector<double> all(settings_.bootstrap), gaps(settings_.reliability_bins);
  for (std::size_t b = 0; b < all.size(); ++b) {
    std::fill(gaps.begin(), gaps.end(), 0.0);
    double weight = 0.0;
    for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
      const double part = std::floor(cells_.mean_score[cells_.cells[c].bin] * parts);
      gaps[static_cast<std::size_t>(std::clamp(part, 0.0, parts - 1.0))] += total(c, gap, b);
      weight += total(c, positive, b) + total(c, negative, b);
    }
    double sum = 0.0;
    for (const double g : gaps) sum += std::fabs(g);
    all[b] = weight > 0.0 ? sum / weight : undefined;
  }
  return all;
}

}  // namespace npo

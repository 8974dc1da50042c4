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

ScoreReplicates::ScoreReplicates(ScoreCells cells, const MetricSettings& settings, bool probability)
    : cells_(std::move(cells)),
      settings_(settings),
      probability_(probability),
      weighted_(false),
      sums_(BootstrapPlan{.seed = settings.seed,
                          .replicates = settings.bootstrap,
                          .columns = probability ? std::size_t{5} : std::size_t{2},
                          .segments = cells_.cells.size()}) {}

ScoreReplicates::ScoreReplicates(const ScoredRows& rows, ScoreCells cells, const MetricSettings& settings,
                                 bool probability, SimdLevel level, const ParallelFor& parallel)
    : ScoreReplicates(std::move(cells), settings, probability) {
  weighted_ = !rows.weight.empty();
  add(rows, cells_.cell_of, 0, level, parallel);
}

void ScoreReplicates::add(const ScoredRows& rows, std::span<const std::uint32_t> cell_of,
                          std::uint64_t first_row, SimdLevel level, const ParallelFor& parallel) {
  for (std::size_t first = 0; first < rows.size(); first += block_rows) {
    const std::size_t count = std::min(block_rows, rows.size() - first);
    const Columns columns(rows, first, count, probability_);
    sums_.add({.key = rows.key.empty() ? rows.key : rows.key.subspan(first, count),
               .first_key = first_row + first,
               .units = count,
               .segment = cell_of.subspan(first, count),
               .columns = columns.spans()},
              level, parallel);
  }
}

double ScoreReplicates::unit(Column column) const {
  if (column == positive || column == negative) return 1.0;
  const double unit = std::ldexp(1.0, -(column == log_loss ? log_loss_bits : loss_bits));
  return weighted_ ? unit / weight_unit : unit;
}

template <class Add>
void ScoreReplicates::each(std::size_t cell, Column column, const Add& add) const {
  const std::span<const std::int64_t> totals = sums_.replicates(cell, column);
  const double scale = unit(column);
  for (std::size_t b = 0; b < totals.size(); ++b) add(b, static_cast<double>(totals[b]) * scale);
}

std::vector<ScoreTotals> ScoreReplicates::totals() const {
  std::vector<ScoreTotals> all(settings_.bootstrap);
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const bool surfaced = cells_.cells[c].decision == static_cast<std::uint8_t>(Decision::surfaced);
    const auto hit = surfaced ? &ScoreTotals::true_positive : &ScoreTotals::false_negative;
    const auto miss = surfaced ? &ScoreTotals::false_positive : &ScoreTotals::true_negative;
    each(c, positive, [&](std::size_t b, double x) { all[b].*hit += x; });
    each(c, negative, [&](std::size_t b, double x) { all[b].*miss += x; });
    if (!probability_) continue;
    each(c, brier, [&](std::size_t b, double x) { all[b].brier += x; });
    each(c, log_loss, [&](std::size_t b, double x) { all[b].log_loss += x; });
  }
  return all;
}

namespace {

/// Average precision of one sample, bin by bin from the highest score down.
struct PrecisionCurve {
  double hits = 0.0, alarms = 0.0, area = 0.0;
  double gained = 0.0;  ///< positives of the bin so far
  void end_bin() {
    hits += gained;
    alarms += gained;
    if (gained > 0.0) area += gained * (hits / alarms);
    gained = 0.0;
  }
  double value() const { return hits > 0.0 ? area / hits : undefined; }
};

/// AUROC of one sample; rows of a bin count as tied.
struct RocCurve {
  double hits = 0.0, alarms = 0.0, area = 0.0;
  double gained = 0.0, alarms_before = 0.0;
  void end_bin() {
    area += (alarms - alarms_before) * (hits + 0.5 * gained);
    hits += gained;
    gained = 0.0;
    alarms_before = alarms;
  }
  double value() const { return hits > 0.0 && alarms > 0.0 ? area / hits / alarms : undefined; }
};

/// The replicates moved by what binning changes in the sample.
template <class Curve>
std::vector<double> moved_values(const std::vector<Curve>& curves, const Curve& sample, double exact) {
  const double shift = exact - sample.value();
  std::vector<double> all;
  for (const Curve& curve : curves)
    all.push_back(std::clamp(curve.value() + shift, 0.0, 1.0));  // NaN stays NaN
  return all;
}

}  // namespace

bool ScoreReplicates::ends_bin(std::size_t cell) const {
  return cell + 1 == cells_.cells.size() || cells_.cells[cell + 1].bin != cells_.cells[cell].bin;
}

template <class Curve>
std::vector<Curve> ScoreReplicates::curves(Curve& sample) const {
  std::vector<Curve> curves(settings_.bootstrap);
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    sample.gained += static_cast<double>(sums_.observed(c, positive));
    sample.alarms += static_cast<double>(sums_.observed(c, negative));
    each(c, positive, [&](std::size_t b, double x) { curves[b].gained += x; });
    each(c, negative, [&](std::size_t b, double x) { curves[b].alarms += x; });
    if (!ends_bin(c)) continue;
    sample.end_bin();
    for (Curve& curve : curves) curve.end_bin();
  }
  return curves;
}

std::vector<double> ScoreReplicates::average_precision(double exact) const {
  PrecisionCurve sample;
  return moved_values(curves(sample), sample, exact);
}

std::vector<double> ScoreReplicates::auroc(double exact) const {
  RocCurve sample;
  return moved_values(curves(sample), sample, exact);
}

ScoreReplicates::Lines ScoreReplicates::calibration(double exact_slope, double exact_intercept) const {
  std::vector<double> logits;
  for (const double score : cells_.mean_score) logits.push_back(logit_of(score));
  std::vector<LinePoint> sample;
  for (const double x : logits) sample.push_back({x, 0.0, 0.0});
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const auto yes = static_cast<double>(sums_.observed(c, positive));
    sample[cells_.cells[c].bin].positive += yes;
    sample[cells_.cells[c].bin].weight += yes + static_cast<double>(sums_.observed(c, negative));
  }
  Lines lines{std::vector<double>(settings_.bootstrap, undefined),
              std::vector<double>(settings_.bootstrap, undefined)};
  const auto binned = fit_logistic_line(sample, {exact_slope, exact_intercept});
  if (!binned) return lines;
  const LineStep step(logits, *binned);
  std::vector<LineStep::Sums> sums(settings_.bootstrap);
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const std::size_t bin = cells_.cells[c].bin;
    each(c, positive, [&](std::size_t b, double x) { step.add(bin, x, x, sums[b]); });
    each(c, negative, [&](std::size_t b, double x) { step.add(bin, 0.0, x, sums[b]); });
  }
  for (std::size_t b = 0; b < sums.size(); ++b)
    if (const auto line = step(sums[b])) {
      lines.slope[b] = line->slope + (exact_slope - binned->slope);
      lines.intercept[b] = line->intercept + (exact_intercept - binned->intercept);
    }
  return lines;
}

std::vector<double> ScoreReplicates::calibration_error() const {
  const std::size_t parts = settings_.reliability_bins, replicates = settings_.bootstrap;
  std::vector<double> gaps(parts * replicates, 0.0), weight(replicates, 0.0), all(replicates, undefined);
  for (std::size_t c = 0; c < cells_.cells.size(); ++c) {
    const double place = cells_.mean_score[cells_.cells[c].bin] * static_cast<double>(parts);
    const double part = std::clamp(std::floor(place), 0.0, static_cast<double>(parts) - 1.0);
    double* part_gaps = gaps.data() + static_cast<std::size_t>(part) * replicates;
    each(c, gap, [&](std::size_t b, double x) { part_gaps[b] += x; });
    each(c, positive, [&](std::size_t b, double x) { weight[b] += x; });
    each(c, negative, [&](std::size_t b, double x) { weight[b] += x; });
  }
  for (std::size_t b = 0; b < replicates; ++b) {
    double sum = 0.0;
    for (std::size_t part = 0; part < parts; ++part) sum += std::fabs(gaps[part * replicates + b]);
    if (weight[b] > 0.0) all[b] = sum / weight[b];
  }
  return all;
}

}  // namespace npo

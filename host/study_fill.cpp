#include "host/study_fill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/study_parameters.hpp"
#include "kernels/error.hpp"
#include "kernels/study_bins.hpp"

namespace npo {
namespace {

static_assert(tally_cell_words == StudyTally::cell_words && tally_cell_bins == study_bins);

/// Cells whose statistics are held in memory, 100 bytes each.
constexpr std::uint64_t most_cells = std::uint64_t{1} << 25;

StudyColumn parameter_column(const Study& study, const StudyParameter& parameter) {
  StudyColumn column{parameter.name, {}};
  const auto collect = [&](auto convert) {
    std::vector<decltype(convert(nlohmann::json()))> values;
    for (std::uint64_t point = 0; point < study.points(); ++point)
      values.push_back(convert(study.grid.value(point, parameter.name)));
    column.values = std::move(values);
  };
  using nlohmann::json;
  switch (parameter.type) {
    case ParameterType::real:
      collect([](const json& value) { return value.get<double>(); });
      break;
    case ParameterType::whole:
      collect([](const json& value) { return value.get<std::int64_t>(); });
      break;
    case ParameterType::word:
      collect([](const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); });
      break;
    default:
      collect([](const json& value) { return value.dump(); });
  }
  return column;
}

/// Calls `copy(cell of the tally, cell of the study)` for each checkpoint and metric of a point with
/// `metrics` metrics; they are the first of the study's.
template <class Copy>
void for_cells(const StudyResults& results, std::size_t metrics, const Copy& copy) {
  for (std::size_t c = 0; c < results.checkpoints.size(); ++c)
    for (std::size_t m = 0; m < metrics; ++m) copy(c * metrics + m, c * results.metrics.size() + m);
}

template <class T>
void copy_cell(std::span<const T> from, std::size_t a, std::vector<T>& to, std::size_t b, std::size_t width) {
  std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(a * width), width,
              to.begin() + static_cast<std::ptrdiff_t>(b * width));
}

/// Standard error of a variance over replicates, from the fourth moment of the histogram.
double variance_error(const StudyTally& tally, std::size_t checkpoint, std::size_t metric, double variance) {
  const StudyBinning binning(tally.metrics()[metric]);
  const auto bins =
      tally.bins().subspan((checkpoint * tally.metrics().size() + metric) * study_bins, study_bins);
  double count = 0.0, sum = 0.0, fourth = 0.0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    count += bins[i];
    sum += bins[i] * binning.value_of(static_cast<std::int32_t>(i));
  }
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double away = binning.value_of(static_cast<std::int32_t>(i)) - sum / count;
    fourth += bins[i] * (away * away * away * away);
  }
  if (std::isnan(variance)) return variance;
  return std::sqrt(std::max(0.0, fourth / count - variance * variance) / count);
}

}  // namespace

StudyResults empty_results(const Study& study, const StudyShard& shard) {
  StudyResults results;
  results.kind = name_of(study.kind);
  results.name = study.name;
  results.title = study.title;
  results.description = study.description;
  results.design = study.zip ? "zip" : "grid";
  results.run_id = study.run_id();
  results.document = study.document.dump();
  nlohmann::json swept = nlohmann::json::array();
  for (const SweptParameter& parameter : study.grid.swept()) swept.push_back(parameter.name);
  results.swept = swept.dump();
  results.shard = shard.text();
  results.seed = study.seed;
  results.episodes = study.episodes;
  results.independent = study.independent;
  results.checkpoints.assign(study.checkpoints.begin(), study.checkpoints.end());
  for (const StudyMetric& metric : study.metrics()) {
    results.metrics.push_back(metric.name);
    results.units.push_back(metric.unit);
    results.long_names.push_back(metric.long_name);
  }
  for (const StudyParameter& parameter : study_parameters(study.kind))
    results.parameters.push_back(parameter_column(study, parameter));
  const std::uint64_t points = study.points(), cells = points * results.cells_of_point();
  if (cells > most_cells)
    throw Error(ErrorKind::usage,
                fmt::format("{} points x {} checkpoints x {} metrics are {} results, above the limit of {}",
                            points, results.checkpoints.size(), results.metrics.size(), cells, most_cells),
                "sweep fewer values, or record fewer checkpoints");
  results.replicates.assign(points, 0);
  results.first_replicate.assign(points, 0);
  results.stop.assign(points, static_cast<std::uint8_t>(StudyStop::fixed));
  results.baseline_point = study.baselines();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (auto* values : {&results.mean, &results.variance, &results.standard_error, &results.variance_error})
    values->assign(cells, nan);
  for (auto& values : results.quantile) values.assign(cells, nan);
  results.count.assign(cells, 0);
  if (!results.baseline_point.empty())
    for (auto* values : {&results.difference, &results.difference_error}) values->assign(cells, nan);
  return results;
}

void fill_point(StudyResults& results, std::size_t point, const StudyTally& tally) {
  results.replicates[point] = tally.replicates();
  const bool paired = !results.baseline_point.empty();
  for (std::size_t c = 0; c < results.checkpoints.size(); ++c)
    for (std::size_t m = 0; m < tally.metrics().size(); ++m) {
      const std::size_t cell = results.cell(point, c, m);
      const StudySummary summary = tally.summary(c, m);
      results.count[cell] = summary.count;
      if (summary.count == 0) continue;
      results.mean[cell] = summary.mean;
      results.variance[cell] = summary.variance;
      results.standard_error[cell] = summary.standard_error;
      results.variance_error[cell] = variance_error(tally, c, m, summary.variance);
      for (std::size_t q = 0; q < summary.quantile.size(); ++q)
        results.quantile[q][cell] = summary.quantile[q];
      if (!paired) continue;
      const StudyContrast contrast = tally.contrast(c, m);
      if (results.baseline_point[point] == point) {
        results.difference[cell] = results.difference_error[cell] = 0.0;
        continue;
      }
      if (contrast.count == 0) continue;
      results.difference[cell] = contrast.mean;
      results.difference_error[cell] = contrast.standard_error;
    }
}

TallyRows piece_rows(std::uint64_t point, const StudyTally& tally) {
  return {.point = point,
          .replicates = tally.replicates(),
          .words = tally.words(),
          .bins = {tally.bins().begin(), tally.bins().end()}};
}

TallyRows file_rows(const StudyResults& results, std::uint64_t point, const StudyTally& tally) {
  TallyRows own = piece_rows(point, tally);
  const std::size_t metrics = tally.metrics().size();
  if (metrics == results.metrics.size()) return own;
  TallyRows rows{.point = point, .replicates = own.replicates};
  rows.words.resize(results.cells_of_point() * tally_cell_words);
  rows.bins.resize(results.cells_of_point() * tally_cell_bins);
  for_cells(results, metrics, [&](std::size_t from, std::size_t to) {
    copy_cell<std::int64_t>(own.words, from, rows.words, to, tally_cell_words);
    copy_cell<std::uint32_t>(own.bins, from, rows.bins, to, tally_cell_bins);
  });
  return rows;
}

void restore_tally(StudyTally& tally, const StudyResults& results, const TallyRows& rows) {
  const std::size_t metrics = tally.metrics().size();
  if (metrics == results.metrics.size()) return tally.restore(rows.replicates, rows.words, rows.bins);
  std::vector<std::int64_t> words(results.checkpoints.size() * metrics * tally_cell_words);
  std::vector<std::uint32_t> bins(results.checkpoints.size() * metrics * tally_cell_bins);
  for_cells(results, metrics, [&](std::size_t to, std::size_t from) {
    copy_cell<std::int64_t>(rows.words, from, words, to, tally_cell_words);
    copy_cell<std::uint32_t>(rows.bins, from, bins, to, tally_cell_bins);
  });
  tally.restore(rows.replicates, words, bins);
}

}  // namespace npo

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "kernels/error.hpp"
#include "kernels/study_bins.hpp"
#include "kernels/study_tally.hpp"

/// Reading a tally: statistics, and its words for files.
namespace npo {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse_words(const std::string& problem) {
  throw Error(ErrorKind::bad_data, "study tally: " + problem, "the file is damaged; compute this part again");
}

/// Unbiased variance of `count` numbers from their sums; one number says nothing of it.
double variance_of(double count, double sum, double squares) {
  if (count < 2.0) return unknown;
  return std::max(0.0, (squares - sum / count * sum) / (count - 1.0));
}

/// The number of the bin in which the cumulative count reaches ceil(percent / 100 of all).
double quantile(std::span<const std::uint32_t> bins, const StudyBinning& binning, std::uint64_t count,
                std::uint64_t percent) {
  const std::uint64_t rank = std::max<std::uint64_t>(1, (count * percent + 99) / 100);
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < study_bins; ++i) {
    seen += bins[i];
    if (seen >= rank) return binning.value_of(static_cast<std::int32_t>(i));
  }
  return binning.value_of(static_cast<std::int32_t>(study_bins - 1));
}

}  // namespace

StudySummary StudyTally::summary(std::size_t checkpoint, std::size_t metric) const {
  const Cell& cell = cells_[cell_of(checkpoint, metric)];
  StudySummary result;
  result.count = static_cast<std::uint64_t>(cell.count);
  if (cell.count == 0) return result;
  const double count = static_cast<double>(cell.count);
  const double unit = std::ldexp(1.0, scale(checkpoint, metrics_[metric]));
  const double sum = cell.value.value();
  result.variance = variance_of(count, sum, cell.square.value()) * unit * unit;
  result.mean = sum / count * unit;
  result.standard_error = std::sqrt(result.variance / count);
  if (metrics_[metric].denominator != no_column) {
    const double total = static_cast<double>(cell.denominator) * std::ldexp(1.0, -total_scale(checkpoint));
    const double ratio = cell.numerator.value() / total;
    const double residual = cell.numerator_square.value() - 2.0 * ratio * cell.product.value() +
                            ratio * ratio * cell.denominator_square.value();
    result.mean = ratio;
    result.standard_error =
        count < 2.0 ? unknown : std::sqrt(std::max(0.0, residual) * count / (count - 1.0)) / total;
  }
  const StudyBinning binning(metrics_[metric]);
  const auto bins = std::span(bins_).subspan(cell_of(checkpoint, metric) * study_bins, study_bins);
  static constexpr std::array<std::uint64_t, 5> percents = {5, 25, 50, 75, 95};
  for (std::size_t q = 0; q < percents.size(); ++q)
    result.quantile[q] = quantile(bins, binning, result.count, percents[q]);
  return result;
}

StudyContrast StudyTally::contrast(std::size_t checkpoint, std::size_t metric) const {
  const Cell& cell = cells_[cell_of(checkpoint, metric)];
  StudyContrast result;
  result.count = static_cast<std::uint64_t>(cell.paired);
  if (cell.paired == 0) return result;
  const double count = static_cast<double>(cell.paired);
  const double unit = std::ldexp(1.0, scale(checkpoint, metrics_[metric]));
  const double sum = cell.difference.value();
  result.mean = sum / count * unit;
  result.variance = variance_of(count, sum, cell.difference_square.value()) * unit * unit;
  result.standard_error = std::sqrt(result.variance / count);
  return result;
}

std::vector<std::int64_t> StudyTally::words() const {
  std::vector<std::int64_t> words;
  words.reserve(cells_.size() * cell_words);
  const auto put = [&](const FixedSum& sum) {
    words.push_back(sum.low());
    words.push_back(sum.high());
  };
  for (const Cell& cell : cells_) {
    words.push_back(cell.count);
    words.push_back(cell.denominator);
    for (const FixedSum* sum : {&cell.value, &cell.square, &cell.numerator, &cell.numerator_square,
                                &cell.product, &cell.denominator_square})
      put(*sum);
    words.push_back(cell.paired);
    put(cell.difference);
    put(cell.difference_square);
  }
  return words;
}

void StudyTally::restore(std::uint64_t replicates, std::span<const std::int64_t> words,
                         std::span<const std::uint32_t> bins) {
  if (words.size() != cells_.size() * cell_words || bins.size() != bins_.size())
    refuse_words("it holds " + std::to_string(words.size()) + " words and " + std::to_string(bins.size()) +
                 " bins, not " + std::to_string(cells_.size() * cell_words) + " and " +
                 std::to_string(bins_.size()));
  std::vector<Cell> cells(cells_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::int64_t* word = words.data() + i * cell_words;
    const auto sum = [&](std::size_t first) { return FixedSum(word[first], word[first + 1]); };
    cells[i] = {.count = word[0],
                .denominator = word[1],
                .value = sum(2),
                .square = sum(4),
                .numerator = sum(6),
                .numerator_square = sum(8),
                .product = sum(10),
                .denominator_square = sum(12),
                .paired = word[14],
                .difference = sum(15),
                .difference_square = sum(17)};
    const auto counts = bins.subspan(i * study_bins, study_bins);
    const std::uint64_t counted = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    if (cells[i].count < 0 || counted != static_cast<std::uint64_t>(cells[i].count) || counted > replicates)
      refuse_words("cell " + std::to_string(i) + " counts " + std::to_string(cells[i].count) +
                   " replicates and its bins " + std::to_string(counted) + " of " +
                   std::to_string(replicates));
  }
  replicates_ = replicates;
  cells_ = std::move(cells);
  std::ranges::copy(bins, bins_.begin());
}

}  // namespace npo

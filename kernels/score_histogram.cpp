#include "kernels/score_histogram.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "kernels/histogram_cell.hpp"

namespace npo {
namespace {

constexpr std::size_t block_rows = 512;
/// Cells of which two copies stay in the first-level cache.
constexpr std::size_t two_copies_most = 1u << 12;

HistogramCell histogram_cell(const HistogramPlan& plan) {
  const float bins = std::ldexp(1.0f, plan.bits);
  return {plan.low, plan.high, bins / (plan.high - plan.low), bins - 1.0f, 2u << plan.bits};
}

/// The cells of a block of rows; whether all rows are good. Branch-free, so that the compiler takes eight at
/// a time.
bool find_cells(const HistogramCell cell_of, const float* score, const std::uint8_t* label, std::size_t rows,
                std::uint32_t* cell) {
  std::uint32_t bad = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    bad |= cell_of.is_bad(score[i], label[i]);
    cell[i] = cell_of(score[i], label[i]);
  }
  return bad == 0;
}

/// Asks for a block's rows while those before it are counted, which reads nothing from memory.
void prefetch_block(std::span<const float> scores, std::span<const std::uint8_t> labels, std::size_t begin) {
  constexpr std::size_t line = 64;
  const std::size_t end = std::min(begin + block_rows, scores.size());
  for (std::size_t i = begin; i < end; i += line / sizeof(float)) __builtin_prefetch(&scores[i]);
  for (std::size_t i = begin; i < end; i += line) __builtin_prefetch(&labels[i]);
}

[[noreturn]] void name_bad_row(const HistogramPlan& plan, std::span<const float> scores,
                               std::span<const std::uint8_t> labels, std::uint64_t first_row) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::string row = "row " + std::to_string(first_row + i) + " holds ";
    if (!(scores[i] >= plan.low && scores[i] <= plan.high))
      throw Error(ErrorKind::bad_data,
                  row + "the score " + std::to_string(scores[i]) + ", outside [" + std::to_string(plan.low) +
                      ", " + std::to_string(plan.high) + "]",
                  "choose the range of the histogram to hold all scores, or remove the row");
    if (labels[i] > 1 && labels[i] != static_cast<std::uint8_t>(Label::unknown))
      throw Error(ErrorKind::bad_data, row + "the label " + std::to_string(int{labels[i]}),
                  "labels are 0, 1 or 255 (unknown)");
  }
  throw Error(ErrorKind::internal, "no bad row was found in a bad block");
}

}  // namespace

ScoreHistogram::ScoreHistogram(const HistogramPlan& plan) : plan_(plan) {
  if (plan.bits < 1 || plan.bits > 24 || plan.segments == 0 || !(plan.low < plan.high) ||
      !std::isfinite(plan.high - plan.low))
    throw Error(ErrorKind::usage, "a histogram of scores needs 1 to 24 bits and low < high",
                "check the bits and the range");
  counts_.resize(plan.segments * bins() * 2);
}

void ScoreHistogram::add(std::span<const float> scores, std::span<const std::uint8_t> labels,
                         std::span<const std::uint32_t> segment, std::uint64_t first_row) {
  const std::size_t rows = scores.size();
  if (labels.size() != rows || (!segment.empty() && segment.size() != rows))
    throw Error(ErrorKind::internal, "the columns of a histogram differ in length");
  const auto outside = std::ranges::find_if(segment, [&](std::uint32_t g) { return g >= plan_.segments; });
  if (outside != segment.end())
    throw Error(ErrorKind::bad_data,
                "row " + std::to_string(first_row + static_cast<std::uint64_t>(outside - segment.begin())) +
                    " is of segment " + std::to_string(*outside) + ", but there are " +
                    std::to_string(plan_.segments));
  if (segment.empty()) {
    add_to_one(scores, labels, first_row);
    return;
  }
  const HistogramCell cell_of = histogram_cell(plan_);
  std::array<std::uint32_t, block_rows> cell;
  for (std::size_t begin = 0; begin < rows; begin += block_rows) {
    const std::size_t n = std::min(block_rows, rows - begin);
    if (!find_cells(cell_of, &scores[begin], &labels[begin], n, cell.data()))
      name_bad_row(plan_, scores.subspan(begin, n), labels.subspan(begin, n), first_row + begin);
    for (std::size_t i = 0; i < n; ++i) {
      if (cell[i] == cell_of.unknown_cell)
        ++unknown_;
      else
        ++counts_[std::size_t{segment[begin + i]} * bins() * 2 + cell[i]];
    }
  }
}

void ScoreHistogram::add_to_one(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                std::uint64_t first_row) {
  // A counter that was just written is slow to read back. Where bins are few and so are met again soon, rows
  // go by turns into two copies; 32 bits of a copy hold the rows of one round.
  const std::size_t cells = bins() * 2, copies = cells <= two_copies_most ? 2 : 1, stride = cells + 1;
  constexpr std::size_t round_rows = std::size_t{1} << 31;
  const HistogramCell cell_of = histogram_cell(plan_);
  std::array<std::uint32_t, block_rows> cell;
  for (std::size_t round = 0; round < scores.size(); round += round_rows) {
    std::vector<std::uint32_t> counts(copies * stride);
    std::uint32_t *even = counts.data(), *odd = even + (copies - 1) * stride;
    const std::size_t end = std::min(scores.size(), round + round_rows);
    for (std::size_t begin = round; begin < end; begin += block_rows) {
      const std::size_t n = std::min(block_rows, end - begin);
      if (!find_cells(cell_of, &scores[begin], &labels[begin], n, cell.data()))
        name_bad_row(plan_, scores.subspan(begin, n), labels.subspan(begin, n), first_row + begin);
      prefetch_block(scores, labels, begin + n);
      std::size_t i = 0;
      for (; i + 1 < n; i += 2) {
        ++even[cell[i]];
        ++odd[cell[i + 1]];
      }
      if (i < n) ++even[cell[i]];
    }
    for (std::size_t copy = 0; copy < copies; ++copy) {
      const std::uint32_t* part = counts.data() + copy * stride;
      for (std::size_t i = 0; i < cells; ++i) counts_[i] += part[i];
      unknown_ += part[cells];
    }
  }
}

void ScoreHistogram::merge(const ScoreHistogram& part) {
  if (part.plan_ != plan_) throw Error(ErrorKind::internal, "two histograms differ in their plan");
  std::ranges::transform(counts_, part.counts_, counts_.begin(), std::plus{});
  unknown_ += part.unknown_;
}

ScoreHistogram ScoreHistogram::overall() const {
  HistogramPlan plan = plan_;
  plan.segments = 1;
  ScoreHistogram one(plan);
  for (std::size_t i = 0; i < counts_.size(); ++i) one.counts_[i % one.counts_.size()] += counts_[i];
  one.unknown_ = unknown_;
  return one;
}

float ScoreHistogram::lower_edge(std::size_t bin) const {
  const HistogramCell cell_of = histogram_cell(plan_);
  float edge = plan_.low + static_cast<float>(bin) / cell_of.scale;
  while (edge > plan_.low && cell_of.bin(edge) >= bin) edge = std::nextafter(edge, plan_.low);
  while (cell_of.bin(edge) < bin) edge = std::nextafter(edge, plan_.high);
  return edge;
}

void ScoreHistogram::add_on_device(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                   int device, std::uint64_t first_row) {
  if (labels.size() != scores.size())
    throw Error(ErrorKind::internal, "the columns of a histogram differ in length");
  std::vector<std::uint64_t> cells(bins() * 2 + 1);
  if (!histogram_cuda(histogram_cell(plan_), scores, labels, cells, device))
    name_bad_row(plan_, scores, labels, first_row);
  for (std::size_t i = 0; i < bins() * 2; ++i) counts_[i] += cells[i];
  unknown_ += cells.back();
}

}  // namespace npo

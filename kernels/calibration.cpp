#include "kernels/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(std::uint64_t row, const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::bad_data, "row " + std::to_string(row) + " holds " + problem, remedy);
}

void check_row(const CalibrationRows& rows, std::size_t i, std::size_t segments, std::uint64_t row) {
  const float score = rows.score[i];
  if (!(score >= 0.0f && score <= 1.0f))
    refuse(row, "the score " + std::to_string(score) + ", outside [0, 1]",
           "only probabilities can be calibrated");
  if (rows.label[i] > 1 && rows.label[i] != static_cast<std::uint8_t>(Label::unknown))
    refuse(row, "the label " + std::to_string(int{rows.label[i]}), "labels are 0, 1 or 255 (unknown)");
  if (!rows.weight.empty() && !(rows.weight[i] >= 0.0f && rows.weight[i] <= 1.0f))
    refuse(row, "the weight " + std::to_string(rows.weight[i]) + ", outside [0, 1]",
           "divide all weights by the largest");
  if (!rows.segment.empty() && rows.segment[i] >= segments)
    refuse(row, "segment " + std::to_string(rows.segment[i]), "there are " + std::to_string(segments));
}

}  // namespace

double log_loss_of(float score, bool happened) {
  const double p = happened ? double{score} : 1.0 - double{score};
  return -elementary64::log(std::clamp(p, log_loss_margin, 1.0 - log_loss_margin));
}

CalibrationTally::CalibrationTally(std::size_t segments, std::size_t bins)
    : bin_count_(bins), bins_(segments * bins), segments_(segments) {
  if (bins < 1 || bins > 1000 || segments == 0)
    throw Error(ErrorKind::usage, std::to_string(bins) + " bins of a reliability table were asked for",
                "choose 1 to 1000");
}

void CalibrationTally::add(const CalibrationRows& rows, std::uint64_t first_row) {
  const std::size_t count = rows.score.size();
  if (rows.label.size() != count || (!rows.weight.empty() && rows.weight.size() != count) ||
      (!rows.segment.empty() && rows.segment.size() != count))
    throw Error(ErrorKind::internal, "the columns of rows to calibrate differ in length");
  for (std::size_t i = 0; i < count; ++i) {
    check_row(rows, i, segments_.size(), first_row + i);
    if (rows.label[i] > 1) {
      ++unknown_;
      continue;
    }
    const double score = rows.score[i], weight = rows.weight.empty() ? 1.0 : rows.weight[i];
    const double label = rows.label[i], gap = score - label;
    const std::size_t segment = rows.segment.empty() ? 0 : rows.segment[i];
    const auto place = static_cast<std::size_t>(score * static_cast<double>(bin_count_));
    Bin& bin = bins_[segment * bin_count_ + std::min(place, bin_count_ - 1)];
    ++bin.rows;
    bin.weight.add(weight);
    bin.score.add(weight * score);
    bin.label.add(weight * label);
    segments_[segment].brier.add(weight * (gap * gap));
    segments_[segment].log_loss.add(weight * log_loss_of(rows.score[i], label != 0.0));
  }
}

void CalibrationTally::merge(const CalibrationTally& part) {
  if (part.bins_.size() != bins_.size() || part.segments_.size() != segments_.size())
    throw Error(ErrorKind::internal, "two calibration tallies differ in shape");
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i].merge(part.bins_[i]);
  for (std::size_t g = 0; g < segments_.size(); ++g) segments_[g].merge(part.segments_[g]);
  unknown_ += part.unknown_;
}

CalibrationSummary CalibrationTally::summary(std::size_t segment) const {
  return summarise(std::span(bins_).subspan(segment * bin_count_, bin_count_), segments_[segment]);
}

CalibrationSummary CalibrationTally::overall() const {
  std::vector<Bin> bins(bin_count_);
  Segment sums;
  for (std::size_t i = 0; i < bins_.size(); ++i) bins[i % bin_count_].merge(bins_[i]);
  for (const Segment& segment : segments_) sums.merge(segment);
  return summarise(bins, sums);
}

CalibrationSummary CalibrationTally::summarise(std::span<const Bin> bins, const Segment& sums) const {
  CalibrationSummary summary;
  FixedSum weight, score, label;
  double gaps = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double edges = static_cast<double>(bins.size()), w = bins[i].weight.value();
    ReliabilityBin bin{static_cast<double>(i) / edges, static_cast<double>(i + 1) / edges, bins[i].rows, w};
    if (w > 0.0) {
      bin.mean_score = bins[i].score.value() / w;
      bin.rate = bins[i].label.value() / w;
      gaps += std::abs(bins[i].score.value() - bins[i].label.value());
      largest = std::max(largest, std::abs(bin.mean_score - bin.rate));
    }
    summary.rows += bin.rows;
    weight.merge(bins[i].weight);
    score.merge(bins[i].score);
    label.merge(bins[i].label);
    summary.bins.push_back(bin);
  }
  summary.weight = weight.value();
  if (summary.weight == 0.0) return summary;
  summary.brier = sums.brier.value() / summary.weight;
  summary.log_loss = sums.log_loss.value() / summary.weight;
  summary.ece = gaps / summary.weight;
  summary.max_error = largest;
  summary.bias = (score.value() - label.value()) / summary.weight;
  return summary;
}

}  // namespace npo

#include <algorithm>

#include "kernels/elementary64.hpp"
#include "kernels/score_histogram.hpp"

namespace npo {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

std::uint64_t ScoreHistogram::positives(std::size_t segment) const {
  std::uint64_t sum = 0;
  for (std::size_t bin = 0; bin < bins(); ++bin) sum += count(segment, bin, Label::yes);
  return sum;
}
std::uint64_t ScoreHistogram::negatives(std::size_t segment) const {
  std::uint64_t sum = 0;
  for (std::size_t bin = 0; bin < bins(); ++bin) sum += count(segment, bin, Label::no);
  return sum;
}

std::optional<BoundedMetric> ScoreHistogram::auroc(std::size_t segment) const {
  std::uint64_t positive = 0, negative = 0;  // above the bin
  Wide twice_ordered = 0, shared = 0;
  for (std::size_t bin = bins(); bin-- > 0;) {
    const std::uint64_t p = count(segment, bin, Label::yes), n = count(segment, bin, Label::no);
    twice_ordered += Wide{2} * positive * n;
    shared += Wide{p} * n;
    positive += p;
    negative += n;
  }
  if (positive == 0 || negative == 0) return std::nullopt;
  const double twice_pairs = static_cast<double>(Wide{2} * positive * negative);
  return BoundedMetric{static_cast<double>(twice_ordered + shared) / twice_pairs,
                       static_cast<double>(twice_ordered) / twice_pairs,
                       static_cast<double>(twice_ordered + 2 * shared) / twice_pairs};
}

/// Within a bin that holds p positives and n negatives below TP and FP: the precision at a positive is at
/// most (TP + p) / (TP + p + FP), all positives first and tied. The i-th positive's is at least (TP + i) /
/// (TP + i + c) with c = FP + n, all negatives first; as 1 - c / x falls with c, their sum is at least p - c
/// log((TP + p + c) / (TP + c)).
std::optional<BoundedMetric> ScoreHistogram::average_precision(std::size_t segment) const {
  double sum = 0.0, low = 0.0, high = 0.0;
  std::uint64_t positive = 0, negative = 0;
  for (std::size_t bin = bins(); bin-- > 0;) {
    const std::uint64_t count_p = count(segment, bin, Label::yes), count_n = count(segment, bin, Label::no);
    if (count_p > 0) {
      const auto p = static_cast<double>(count_p), before = static_cast<double>(positive);
      const auto c = static_cast<double>(negative + count_n);
      sum += p * ((before + p) / (before + p + c));
      high += p * ((before + p) / (before + p + static_cast<double>(negative)));
      low += c == 0.0 ? p : std::max(0.0, p - c * elementary64::log1p(p / (before + c)));
    }
    positive += count_p;
    negative += count_n;
  }
  if (positive == 0) return std::nullopt;
  const auto total = static_cast<double>(positive);
  // The sums themselves carry rounding of some 2^-53 a bin.
  const double rounding = 0x1p-50 * static_cast<double>(bins());
  return BoundedMetric{sum / total, std::max(0.0, low / total - rounding),
                       std::min(1.0, high / total + rounding)};
}

std::vector<CurvePoint> ScoreHistogram::curve(std::size_t segment) const {
  std::vector<CurvePoint> points;
  CurvePoint point;
  for (std::size_t bin = bins(); bin-- > 0;) {
    const std::uint64_t p = count(segment, bin, Label::yes), n = count(segment, bin, Label::no);
    if (p == 0 && n == 0) continue;
    point.true_positive += p;
    point.false_positive += n;
    point.threshold = lower_edge(bin);
    points.push_back(point);
  }
  return points;
}

}  // namespace npo

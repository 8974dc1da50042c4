#pragma once
#include <cstdint>

namespace npo {

/// One threshold of a ROC or precision-recall curve: what `score >= threshold` catches, in units of row
/// weight. recall = true_positive / positives, false positive rate = false_positive / negatives, precision =
/// true_positive / (true_positive + false_positive).
struct CurvePoint {
  float threshold = 0.0f;
  std::uint64_t true_positive = 0, false_positive = 0;
  bool operator==(const CurvePoint&) const = default;
};

}  // namespace npo

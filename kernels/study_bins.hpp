#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/study_metrics.hpp"

/// Bins of a metric's quantile histogram (StudyBins), plain enough for the compiler to vectorise.
namespace npo {

class StudyBinning {
 public:
  explicit StudyBinning(const StudyMetric& metric)
      : log_(metric.bins == StudyBins::log_linear),
        low_(metric.low),
        step_((metric.high - metric.low) / 1024.0f),
        per_step_(1024.0f / (metric.high - metric.low)),
        origin_(((127 + metric.first_octave) << 5) - 1) {}

  bool is_log() const { return log_; }

  /// Bin 0 to 1024 of a linear metric.
  std::int32_t linear_bin(float value) const {
    const float position = (value - low_) * per_step_ + 0.5f;
    return static_cast<std::int32_t>(std::min(std::max(position, 0.0f), 1024.0f));
  }
  /// Bin 0 to 1024 of a log-linear metric: the exponent and five bits of the rounded fraction.
  std::int32_t log_bin(float value) const {
    const std::int32_t bits = std::bit_cast<std::int32_t>(std::max(value, 0.0f));
    return std::min(std::max(((bits + (1 << 17)) >> 18) - origin_, 0), 1024);
  }
  std::int32_t bin(float value) const { return log_ ? log_bin(value) : linear_bin(value); }

  /// The number that bin `i` stands for.
  double value_of(std::int32_t i) const {
    if (!log_) return static_cast<double>(low_) + static_cast<double>(step_) * i;
    return i == 0 ? 0.0 : static_cast<double>(std::bit_cast<float>((i + origin_) << 18));
  }

 private:
  bool log_;
  float low_, step_, per_step_;
  std::int32_t origin_;
};

}  // namespace npo

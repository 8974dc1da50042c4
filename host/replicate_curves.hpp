#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

/// Metrics of curves for many samples side by side, such as bootstrap replicates of one sample: bins come
/// from the highest score down, and totals have one element a sample.
namespace npo {

/// sum += addend, element by element; an empty addend is zero.
inline void add_up(std::span<const double> addend, std::vector<double>& sum) {
  for (std::size_t i = 0; i < addend.size(); ++i) sum[i] += addend[i];
}

/// Average precision of many samples side by side, bin by bin from the highest score down.
class PrecisionCurves {
 public:
  explicit PrecisionCurves(std::size_t samples)
      : hits_(samples), alarms_(samples), area_(samples), gained_(samples) {}
  void add_positives(std::span<const double> totals) {
    add_up(totals, gained_);
    gains_ = true;
  }
  void add_negatives(std::span<const double> totals) { add_up(totals, alarms_); }
  void end_bin() {
    if (!std::exchange(gains_, false)) return;
    for (std::size_t i = 0; i < area_.size(); ++i) {
      hits_[i] += gained_[i];
      alarms_[i] += gained_[i];
      area_[i] += gained_[i] > 0.0 ? gained_[i] * (hits_[i] / alarms_[i]) : 0.0;
      gained_[i] = 0.0;
    }
  }
  double value(std::size_t i) const {
    return hits_[i] > 0.0 ? area_[i] / hits_[i] : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  std::vector<double> hits_, alarms_, area_;
  std::vector<double> gained_;  ///< positives of the bin so far
  bool gains_ = false;          ///< whether there are any
};

/// AUROC of many samples side by side; rows of a bin count as tied.
class RocCurves {
 public:
  explicit RocCurves(std::size_t samples)
      : hits_(samples), alarms_(samples), area_(samples), gained_(samples), flagged_(samples) {}
  void add_positives(std::span<const double> totals) { add_up(totals, gained_); }
  void add_negatives(std::span<const double> totals) { add_up(totals, flagged_); }
  void end_bin() {
    for (std::size_t i = 0; i < area_.size(); ++i) {
      area_[i] += flagged_[i] * (hits_[i] + 0.5 * gained_[i]);
      hits_[i] += gained_[i];
      alarms_[i] += flagged_[i];
      gained_[i] = flagged_[i] = 0.0;
    }
  }
  double value(std::size_t i) const {
    return hits_[i] > 0.0 && alarms_[i] > 0.0 ? area_[i] / hits_[i] / alarms_[i]
                                              : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  std::vector<double> hits_, alarms_, area_;
  std::vector<double> gained_, flagged_;  ///< positives and negatives of the bin so far
};

}  // namespace npo

#pragma once
#include <cstdint>
#include <vector>

#include "io/decision_run.hpp"

namespace npo {

/// Probabilities with which the arms of a run's fleets were drawn, read off p_surfaced: it is the chance that
/// the threshold drawn is at most the score, so that it rises at each threshold by the chance of that arm.
class ArmChances {
 public:
  explicit ArmChances(const DecisionRun& run);
  /// Of one arm; 0 where no scores of the fleet lie on both sides of its threshold and below the next one.
  double of(std::uint32_t fleet, std::uint8_t arm) const;

 private:
  std::size_t arms_;
  std::vector<double>
      step_;  ///< [fleets][arms + 1] chance that one of the first j arms is drawn; -1: unknown
};

}  // namespace npo

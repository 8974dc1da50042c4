#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/choose_arms.hpp"
#include "host/policy.hpp"
#include "host/score_run.hpp"
#include "io/decision_run.hpp"
#include "kernels/tally_decisions.hpp"

namespace npo {

/// Integer counts of a night's decisions; they add up in any order to the same report.
class ScoreTallies {
 public:
  ScoreTallies(std::size_t fleets, const Policy& policy);
  void add(const DecisionRows& rows, std::uint64_t known, std::uint64_t over_budget);
  void merge(const ScoreTallies& other);
  ScoreReport report(const std::vector<std::string>& fleets, const FleetArms& arms,
                     std::uint64_t state_scenarios) const;

 private:
  std::vector<std::string> rules_;
  std::vector<float> thresholds_;
  bool by_row_;  ///< every row draws its own arm
  DecisionTally tally_;
  std::uint64_t rows_ = 0, known_ = 0, over_budget_ = 0;
};

}  // namespace npo

#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/ope_log.hpp"
#include "host/ope_policy.hpp"
#include "host/run_context.hpp"
#include "kernels/ope_terms.hpp"

namespace npo {

/// A log as a target policy sees it, a number a row and column; 32 bytes a row, 48 with a reward model.
struct OpeRows {
  std::vector<double> target, weight, reward;
  std::vector<double> model, direct;   ///< empty without a reward model
  std::vector<std::uint64_t> cluster;  ///< key of the row's cluster; empty: rows are independent
  std::vector<std::uint32_t> group;    ///< the same, numbered in the order of appearance
  std::size_t groups = 0;              ///< clusters; 0 where rows are independent

  std::uint32_t positions = 0;  ///< largest position; 0 where the log has none
  bool binary = true;           ///< all rewards are 0 or 1
  double smallest_reward = 0.0, largest_reward = 0.0;
  double smallest_propensity = 1.0, largest_propensity = 0.0, largest_target = 0.0;
  /// Mean probability that the target takes an action which the log could not have shown; nothing where the
  /// target tells the probability of the action taken alone.
  std::optional<double> unsupported;
  std::string unsupported_action;  ///< the action with the largest share of it, if one can be named

  std::size_t rows() const { return weight.size(); }
  std::size_t units() const { return groups ? groups : rows(); }  ///< independent ones
  OpeColumns columns() const { return {target, weight, reward, model, direct}; }
  /// No weight can be larger, as far as the log shows: the largest target probability over the smallest
  /// propensity.
  double weight_bound() const { return largest_target / smallest_propensity; }
};

/// Walks over the log once. Error(bad_data) names a bad row, or says that the log is that of a deterministic
/// policy, which shows nothing about any other.
OpeRows see_rows(const OpeLog& log, const TargetPolicy& target, const RunContext& context);

}  // namespace npo

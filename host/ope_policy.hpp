#pragma once
#include <memory>
#include <span>
#include <string>

#include "host/ope_log.hpp"

namespace npo {

/// How a target policy is asked for (docs/cli.md, npo ope).
struct TargetChoice {
  std::string policy;    ///< uniform, fixed:ACTION, threshold:T, thompson:FILE, epsilon-greedy:WHAT or
                         ///< column:NAME
  double epsilon = 0.1;  ///< of epsilon-greedy: share of uniform draws
  std::string table;     ///< of a file of Beta parameters that holds several: the one to take
  std::string score = score_value;  ///< column that a threshold looks at
};

/// A policy that could have acted instead.
class TargetPolicy {
 public:
  virtual ~TargetPolicy() = default;
  /// Whether the probabilities of all actions are known, not only that of the action taken.
  virtual bool knows_all_actions() const { return true; }
  /// pi(a | x) of every action of the log.
  virtual void probabilities(const LogRow& row, std::span<double> out) const = 0;
  /// Of the action taken alone; `scratch` has room for every action.
  virtual double of_taken(const LogRow& row, std::span<double> scratch) const {
    probabilities(row, scratch);
    return scratch[row.action()];
  }
};

/// Error(usage) for a policy that is none or does not fit the log; Error(bad_data) for a file that is bad, or
/// naming a row whose action or probabilities are.
std::unique_ptr<TargetPolicy> make_target(const TargetChoice& choice, const OpeLog& log);

}  // namespace npo

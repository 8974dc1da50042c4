#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/intervals.hpp"
#include "host/ope_rows.hpp"
#include "host/run_context.hpp"

namespace npo {

/// An interval, or why there is none.
struct OpeInterval {
  std::optional<Interval> ends;
  std::string reason;
};

/// What one estimator says.
struct OpeEstimate {
  OpeEstimator estimator;
  std::optional<double> value;
  std::string reason;               ///< why there is no value
  std::optional<double> parameter;  ///< clip, switch or shrinkage; absent where the estimator has none
  std::string chosen_by;            ///< slope, mse or given
  double standard_error = 0.0;      ///< of the linearised estimate, by clusters where there are some
  double acceleration = 0.0;        ///< a sixth of the skewness of its influences
  OpeInterval bootstrap, bernstein, clopper_pearson;
  OpeInterval gain;  ///< bootstrap interval of value minus the logged mean reward
};

/// Sums of an estimator over all rows, and how much single units move it.
struct OpeFit {
  OpeSums sums;
  OpeSpread spread;
  std::size_t units = 0;  ///< rows, or clusters
  double standard_error() const;
  double acceleration() const;
};
OpeFit fit_terms(const OpeRows& rows, const OpeTermMaker& term_of, const RunContext& context);

/// How the parameter of an estimator is chosen.
enum class OpeTuning {
  slope,  ///< Lepski's rule over intervals (Su, Srinath and Krishnamurthy 2020)
  mse     ///< least estimated squared error: variance plus the square of a bound on the bias (Su et al. 2020)
};

/// The parameter for an estimator that has one, from a grid of powers of two that ends with the harmless one.
double tune_parameter(const OpeRows& rows, OpeEstimator estimator, OpeTuning tuning,
                      const RunContext& context);

}  // namespace npo

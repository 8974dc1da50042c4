#pragma once
#include <cstdint>
#include <vector>

#include "host/ope_estimate.hpp"

namespace npo {

struct OpeIntervalOptions {
  double level = 0.95;
  std::uint64_t replicates = 1000;  ///< of the bootstrap; 0: none
};

/// Bootstrap intervals of all estimates in one pass, and of their gain over `logged`, the mean reward of the
/// log: bias-corrected and accelerated, whole clusters at a time. Returns the interval of `logged`.
OpeInterval add_bootstrap(const OpeRows& rows, const OpeIntervalOptions& options, double logged,
                          std::vector<OpeEstimate>& estimates, const RunContext& context);

/// Empirical Bernstein interval of an estimate that is a mean of bounded terms (of cluster totals where there
/// are clusters). The bound comes from the largest possible weight, or from the clip.
OpeInterval bernstein_interval(const OpeRows& rows, const OpeEstimate& estimate, double level,
                               const RunContext& context);

/// Clopper and Pearson's interval for weighted rewards of 0 and 1: exact where every weight is 0 or the bound
/// on weights; otherwise from the tail bound of Bentkus (2004), by which a sum of terms in [0, 1] exceeds a
/// value at most e times as often as the binomial sum of the same mean does.
OpeInterval weighted_clopper_pearson(const OpeRows& rows, const OpeEstimate& estimate, double level,
                                     const RunContext& context);

}  // namespace npo

#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "kernels/lane/annotations.hpp"

/// Estimators of what a target policy would have earned on what a logging policy did. Each is, over rows i,
///     mean of direct_i + sum of numerator_i / sum of denominator_i,
/// so that sums, standard errors and bootstraps are the same work for all of them.
namespace npo {

/// One logged row as the estimators see it.
struct OpeRow {
  double target;      ///< pi(a | x): probability that the target policy takes the action that was taken
  double weight;      ///< w = pi(a | x) / propensity
  double reward;      ///< r
  double model = 0;   ///< q(x, a): estimated reward of the action taken; 0 without a reward model
  double direct = 0;  ///< v: sum over actions of pi(a | x) q(x, a); 0 without a reward model
};

enum class OpeEstimator : std::uint8_t {
  replay,           ///< mean reward of the rows that the target would have logged too (Li et al. 2011)
  ips,              ///< inverse propensity scoring (Horvitz and Thompson 1952)
  clipped_ips,      ///< weights above the parameter count as the parameter (Ionides 2008)
  snips,            ///< weights made to sum to the number of rows (Swaminathan and Joachims 2015)
  clipped_snips,    ///< both
  subgaussian_ips,  ///< w / (1 - l + l w), parameter l in [0, 1] (Metelli, Russo and Restelli 2021)
  dm,               ///< direct method: the reward model alone
  dr,               ///< doubly robust (Dudik, Langford and Li 2011)
  sndr,             ///< the same with normalised weights
  switch_dr,        ///< no correction where w is above the parameter (Wang, Agarwal and Dudik 2017)
  dros              ///< optimistic shrinkage w l / (w^2 + l), parameter l >= 0 (Su et al. 2020)
};
inline constexpr OpeEstimator ope_estimators[] = {OpeEstimator::replay,
                                                  OpeEstimator::ips,
                                                  OpeEstimator::clipped_ips,
                                                  OpeEstimator::snips,
                                                  OpeEstimator::clipped_snips,
                                                  OpeEstimator::subgaussian_ips,
                                                  OpeEstimator::dm,
                                                  OpeEstimator::dr,
                                                  OpeEstimator::sndr,
                                                  OpeEstimator::switch_dr,
                                                  OpeEstimator::dros};

/// "replay", "ips", ...
std::string_view name_of(OpeEstimator estimator);
bool needs_reward_model(OpeEstimator estimator);
bool has_parameter(OpeEstimator estimator);

/// A parameter with which nothing is clipped, switched off or shrunk; the plain estimator.
double harmless_parameter(OpeEstimator estimator);

/// What one row adds.
struct OpeTerm {
  double direct, numerator, denominator;
};

/// Agent: the terms of one estimator.
struct OpeTermMaker {
  OpeEstimator estimator;
  double parameter = std::numeric_limits<double>::infinity();

  NPO_HD double clipped(double weight) const { return weight < parameter ? weight : parameter; }
  NPO_HD double shrunk(double weight) const {
    return parameter == std::numeric_limits<double>::infinity()
               ? weight
               : weight * parameter / (weight * weight + parameter);
  }
  NPO_HD OpeTerm operator()(const OpeRow& row) const {
    const double residual = row.reward - row.model;
    switch (estimator) {
      case OpeEstimator::replay:
        return {0.0, row.target * row.reward, row.target};
      case OpeEstimator::ips:
        return {0.0, row.weight * row.reward, 1.0};
      case OpeEstimator::clipped_ips:
        return {0.0, clipped(row.weight) * row.reward, 1.0};
      case OpeEstimator::snips:
        return {0.0, row.weight * row.reward, row.weight};
      case OpeEstimator::clipped_snips:
        return {0.0, clipped(row.weight) * row.reward, clipped(row.weight)};
      case OpeEstimator::subgaussian_ips:
        return {0.0, row.weight / (1.0 - parameter + parameter * row.weight) * row.reward, 1.0};
      case OpeEstimator::dm:
        return {row.direct, 0.0, 1.0};
      case OpeEstimator::dr:
        return {row.direct, row.weight * residual, 1.0};
      case OpeEstimator::sndr:
        return {row.direct, row.weight * residual, row.weight};
      case OpeEstimator::switch_dr:
        return {row.direct, row.weight <= parameter ? row.weight * residual : 0.0, 1.0};
      case OpeEstimator::dros:
        return {row.direct, row.weight > 0.0 ? shrunk(row.weight) * residual : 0.0, 1.0};
    }
    return {0.0, 0.0, 0.0};
  }
};

/// Rows as columns; `model` and `direct` are empty without a reward model.
struct OpeColumns {
  std::span<const double> target, weight, reward, model, direct;
  std::size_t rows() const { return weight.size(); }
  OpeRow row(std::size_t i) const {
    return {target[i], weight[i], reward[i], model.empty() ? 0.0 : model[i],
            direct.empty() ? 0.0 : direct[i]};
  }
};

/// Sums of terms over rows. Sums of tiles of 4096 rows by global index, merged in their order, have the same
/// bits for any number of threads.
struct OpeSums {
  std::uint64_t rows = 0;
  double direct = 0.0, numerator = 0.0, denominator = 0.0;
  void add(const OpeTerm& term);
  void merge(const OpeSums& later);
  /// The estimate; NaN where the denominator is 0.
  double estimate() const;
  /// What a row moves the estimate by, times the number of rows: the linearised term minus its mean. Its mean
  /// square over independent rows, divided by their number, is the squared standard error.
  double influence(const OpeTerm& term) const;
};

/// Sums over rows [first, first + count).
OpeSums sum_terms(const OpeColumns& columns, const OpeTermMaker& term_of, std::size_t first,
                  std::size_t count);

/// Sums of powers of influences.
struct OpeSpread {
  double squares = 0.0, cubes = 0.0;
  void add(double influence) {
    squares = __builtin_fma(influence, influence, squares);
    cubes = __builtin_fma(influence * influence, influence, cubes);
  }
  void merge(const OpeSpread& later) {
    squares += later.squares;
    cubes += later.cubes;
  }
};

/// Of rows [first, first + count), given the sums over all rows.
OpeSpread spread_terms(const OpeColumns& columns, const OpeTermMaker& term_of, const OpeSums& all,
                       std::size_t first, std::size_t count);

}  // namespace npo

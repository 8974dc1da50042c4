#include <algorithm>
#include <cmath>
#include <limits>

#include "host/ope_estimate.hpp"
#include "host/statistics.hpp"
#include "kernels/elementary64.hpp"

namespace npo {
namespace {

/// Chance that an interval of the tuning is too short.
constexpr double risk = 0.05;

/// From the harmless parameter to the one that biases most.
std::vector<double> candidates(OpeEstimator estimator, double largest_weight) {
  std::vector<double> grid{harmless_parameter(estimator)};
  if (estimator == OpeEstimator::subgaussian_ips) {
    // At 1 every weight would be 1.
    for (double l = 0x1p-20; l < 1.0; l *= 2.0) grid.push_back(l);
    return grid;
  }
  // What overflows would never come down again by halving.
  const double most = estimator == OpeEstimator::dros ? 0x1p511 : 0x1p1023;
  double top = 1.0;
  while (top < largest_weight && top < most) top *= 2.0;
  if (estimator == OpeEstimator::dros) top *= top;
  for (double l = top; l >= (estimator == OpeEstimator::dros ? 0x1p-10 : 1.0); l *= 0.5) grid.push_back(l);
  return grid;
}

/// The largest candidate whose interval meets those of all before it: |t_i - t_j| <= c_i + (sqrt 6 - 1) c_j.
std::size_t choose_by_slope(const std::vector<OpeFit>& fits) {
  const double z = normal_quantile(1.0 - 0.5 * risk), factor = std::sqrt(6.0) - 1.0;
  for (std::size_t i = 1; i < fits.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double apart = std::fabs(fits[i].sums.estimate() - fits[j].sums.estimate());
      if (apart > z * (fits[i].standard_error() + factor * fits[j].standard_error())) return i - 1;
    }
  return fits.size() - 1;
}

/// What every candidate's bias may exceed its estimate by (Su et al. 2020, section 4: Bernstein).
double bias_margin(const OpeRows& rows) {
  double squares = 0.0, largest = 0.0;
  for (const double weight : rows.weight) {
    squares = __builtin_fma(weight, weight, squares);
    largest = std::max(largest, weight);
  }
  const double n = static_cast<double>(rows.units()), log_risk = elementary64::log(2.0 / risk);
  const double mean_square = squares / static_cast<double>(rows.rows());
  return std::sqrt(2.0 * mean_square * log_risk / n) + 2.0 * largest * log_risk / (3.0 * n);
}

std::size_t choose_by_error(const OpeRows& rows, const std::vector<OpeFit>& fits) {
  const double margin = bias_margin(rows), plain = fits.front().sums.estimate();
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < fits.size(); ++i) {
    // The first candidate is the unbiased estimator, so that the difference is the mean of what was cut off.
    const double bias = std::fabs(fits[i].sums.estimate() - plain) + margin;
    const double error = fits[i].standard_error() * fits[i].standard_error() + bias * bias;
    if (error < least) {
      least = error;
      best = i;
    }
  }
  return best;
}

}  // namespace

double tune_parameter(const OpeRows& rows, OpeEstimator estimator, OpeTuning tuning,
                      const RunContext& context) {
  const double largest = *std::max_element(rows.weight.begin(), rows.weight.end());
  const std::vector<double> grid = candidates(estimator, largest);
  std::vector<OpeFit> fits;
  for (const double parameter : grid) {
    context.check_stop();
    fits.push_back(fit_terms(rows, {estimator, parameter}, context));
  }
  return grid[tuning == OpeTuning::slope ? choose_by_slope(fits) : choose_by_error(rows, fits)];
}

}  // namespace npo

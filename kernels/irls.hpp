#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "kernels/irls_objective.hpp"

/// Logistic regression by iteratively reweighted least squares: Newton's method with step halving on the
/// penalised likelihood (spec section 7, retrain). Same bits for any number of threads and on any machine.
namespace npo::irls {

struct FitSettings {
  Penalty penalty;
  int max_iterations = 100;
  double tolerance = 1e-12;  ///< largest |gradient entry| accepted, as a share of the summed class weights
};

/// Why the iterations ended.
enum class Ending {
  converged,   ///< the gradient is within the tolerance, or no step can lower the objective by more than
               ///< rounding
  iterations,  ///< max_iterations were not enough
  separated,   ///< alpha = 0 and the likelihood has no maximum: some coefficients would grow for ever
  stalled,     ///< no step lowers the objective although the gradient is not flat: the columns' scales are
               ///< hopeless
  collinear    ///< alpha = 0 and column `collinear_column` is a combination of the columns before it
};
std::string_view name_of(Ending ending);

struct Fit {
  double intercept = 0.0;
  std::vector<double> weights;  ///< [columns], of standardised features
  Ending ending = Ending::iterations;
  std::size_t collinear_column = 0;  ///< index into the columns given
  int iterations = 0, halvings = 0;
  double deviance = 0.0, null_deviance = 0.0;  ///< 2 sum of cw_i loss_i; null: intercept alone
  double gradient = 0.0;                       ///< largest |entry| at the end
};

/// Fits `columns` (standardised by their mean and scale) to the labelled rows, of which `positives` are
/// Label::yes. Both classes must be present. `each_iteration` (may be empty) is told how many are done, and
/// may throw to stop.
Fit fit_logistic(const RowSource& source, const std::vector<DesignColumn>& columns, std::uint64_t rows,
                 std::uint64_t positives, const FitSettings& settings, const ParallelFor& parallel,
                 const std::function<void(int)>& each_iteration = {});

}  // namespace npo::irls

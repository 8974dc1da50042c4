#pragma once
#include <memory>
#include <span>
#include <vector>

#include "kernels/irls_cholesky.hpp"
#include "kernels/irls_rows.hpp"

namespace npo::irls {

/// The penalised negative log-likelihood of a logistic model,
///   f(beta) = sum_i cw_i log(1 + exp(-s_i eta_i)) + alpha/2 sum_{j>0} beta_j^2,  eta_i = beta_0 + sum_j
///   beta_j x'_ij,
/// with s_i = 1 for positives and -1 else, and cw_i the weight of the class (0: label no, 1: yes).
struct Penalty {
  double alpha = 1.0;
  double class_weight[2] = {1.0, 1.0};
};

/// Coefficients, gradient and curvature have one entry for the intercept, one for each column, and zeros up
/// to a whole number of panels; the curvature's diagonal is 1 there.
struct Evaluation {
  double loss = 0.0;       ///< the sum without the penalty: half the deviance
  double objective = 0.0;  ///< f
  std::vector<double> gradient;
};

/// Evaluates f over a table, tile by tile in parallel; sums run over rows within a tile and over tiles in
/// index order, so that the bits do not depend on threads. Holds a few tiles and three times the curvature's
/// upper triangle.
class Objective {
 public:
  Objective(const RowSource& source, std::vector<DesignColumn> columns, const Penalty& penalty,
            const ParallelFor& parallel);
  ~Objective();

  std::size_t size() const;  ///< entries of a coefficient vector, padding included
  /// f and its gradient at `beta`; the matrix of second derivatives too where `curvature` is given.
  Evaluation evaluate(std::span<const double> beta, SymmetricMatrix* curvature);
  /// Largest |change of eta| over all rows when the coefficients move by `step`.
  double largest_shift(std::span<const double> step);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npo::irls

#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/irls_panels.hpp"
#include "kernels/parallel_for.hpp"

namespace npo::irls {

using npo::ParallelFor;

/// A square symmetric matrix of doubles, row-major, of which the upper triangle is read. The side is a whole
/// number of panels.
class SymmetricMatrix {
 public:
  explicit SymmetricMatrix(std::size_t side) : side_(side), values_(side * side) {}
  std::size_t side() const { return side_; }
  double* row(std::size_t i) { return values_.data() + i * side_; }
  const double* row(std::size_t i) const { return values_.data() + i * side_; }

 private:
  std::size_t side_;
  std::vector<double> values_;
};

/// A pivot below this share of its diagonal entry is rounding: sums over a tile of 4096 rows are exact to
/// some 1e-14 of it.
inline constexpr double lost_pivot = 0x1p-40;

/// A = U^T U in place, in the upper triangle. Returns the first column whose pivot is lost, or the side when
/// A is positive definite. Every entry is one chain of operations in a fixed order: the same bits for any
/// number of threads.
std::size_t factor_cholesky(SymmetricMatrix& a, const ParallelFor& parallel);

/// x with U^T U x = b for a factor made by factor_cholesky.
std::vector<double> solve_cholesky(const SymmetricMatrix& u, std::span<const double> b);

}  // namespace npo::irls

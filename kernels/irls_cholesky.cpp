#include "kernels/irls_cholesky.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/irls_gram.hpp"

namespace npo::irls {
namespace {

/// Columns one thread solves at a time.
constexpr std::size_t solve_columns = 256;

/// row[j] -= factor * other[j] for j in [first, last).
void subtract_row(double* row, double factor, const double* other, std::size_t first, std::size_t last) {
  for (std::size_t j = first; j < last; ++j) row[j] = std::fma(-factor, other[j], row[j]);
}

/// Rows [top, bottom) of U in columns [first, last), given the columns before them.
void solve_rows(SymmetricMatrix& a, std::size_t top, std::size_t bottom, std::size_t first,
                std::size_t last) {
  for (std::size_t k = top; k < bottom; ++k) {
    for (std::size_t m = top; m < k; ++m) subtract_row(a.row(k), a.row(m)[k], a.row(m), first, last);
    for (std::size_t j = first; j < last; ++j) a.row(k)[j] /= a.row(k)[k];
  }
}

/// Factors the diagonal block; the first bad pivot, or `bottom`.
std::size_t factor_diagonal(SymmetricMatrix& a, std::size_t top, std::size_t bottom,
                            std::span<const double> diagonal) {
  for (std::size_t k = top; k < bottom; ++k) {
    for (std::size_t m = top; m < k; ++m) subtract_row(a.row(k), a.row(m)[k], a.row(m), k, bottom);
    const double pivot = a.row(k)[k];
    if (!(pivot > lost_pivot * diagonal[k])) return k;
    const double root = std::sqrt(pivot);
    a.row(k)[k] = root;
    for (std::size_t j = k + 1; j < bottom; ++j) a.row(k)[j] /= root;
  }
  return bottom;
}

/// Subtracts the Gram matrix of rows [top, bottom) of U from all that lies below and to the right of them.
void update_trailing(SymmetricMatrix& a, std::size_t top, std::size_t bottom, const ParallelFor& parallel) {
  const std::size_t rest = a.side() - bottom;
  Panels rows(bottom - top, rest);
  parallel(rows.panels(), [&](std::size_t p) {
    for (std::size_t k = 0; k < rows.rows(); ++k)
      std::copy_n(a.row(top + k) + bottom + p * panel_columns, panel_columns,
                  rows.panel(p) + k * panel_columns);
  });
  const auto blocks = upper_blocks(rows.panels());
  parallel(blocks.size(), [&](std::size_t b) {
    std::vector<double> product(block_columns * block_columns);
    gram_block(rows, blocks[b], product.data());
    const std::size_t first = bottom + blocks[b].column * block_columns;
    const std::size_t last = std::min(first + block_columns, a.side());
    const std::size_t above = bottom + blocks[b].row * block_columns;
    for (std::size_t i = above; i < std::min(above + block_columns, a.side()); ++i)
      for (std::size_t j = std::max(first, i); j < last; ++j)
        a.row(i)[j] -= product[(i - above) * block_columns + (j - first)];
  });
}

}  // namespace

std::size_t factor_cholesky(SymmetricMatrix& a, const ParallelFor& parallel) {
  std::vector<double> diagonal(a.side());
  for (std::size_t i = 0; i < a.side(); ++i) diagonal[i] = a.row(i)[i];
  for (std::size_t top = 0; top < a.side(); top += block_columns) {
    const std::size_t bottom = std::min(top + block_columns, a.side());
    if (const auto bad = factor_diagonal(a, top, bottom, diagonal); bad != bottom) return bad;
    if (bottom == a.side()) break;
    parallel((a.side() - bottom + solve_columns - 1) / solve_columns, [&](std::size_t chunk) {
      const std::size_t first = bottom + chunk * solve_columns;
      solve_rows(a, top, bottom, first, std::min(first + solve_columns, a.side()));
    });
    update_trailing(a, top, bottom, parallel);
  }
  return a.side();
}

std::vector<double> solve_cholesky(const SymmetricMatrix& u, std::span<const double> b) {
  std::vector<double> x(b.begin(), b.end());
  const std::size_t side = u.side();
  for (std::size_t i = 0; i < side; ++i) {
    x[i] /= u.row(i)[i];
    subtract_row(x.data(), x[i], u.row(i), i + 1, side);
  }
  for (std::size_t i = side; i-- > 0;) {
    double rest = x[i];
    for (std::size_t j = i + 1; j < side; ++j) rest = std::fma(-u.row(i)[j], x[j], rest);
    x[i] = rest / u.row(i)[i];
  }
  return x;
}

}  // namespace npo::irls

#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace npo::irls {

/// Columns of one panel: a panel keeps this many columns of all rows together, row after row.
inline constexpr std::size_t panel_columns = 8;

/// A rows x columns matrix of doubles laid out for Gram products: [panel][row][panel_columns], zero where
/// never written. The number of columns is rounded up to whole panels.
class Panels {
 public:
  Panels(std::size_t rows, std::size_t columns)
      : rows_(rows),
        panels_((columns + panel_columns - 1) / panel_columns),
        values_(allocate(rows_ * panels_ * panel_columns)) {}

  std::size_t rows() const { return rows_; }
  std::size_t panels() const { return panels_; }
  std::size_t bytes() const { return rows_ * panels_ * panel_columns * sizeof(double); }
  double* panel(std::size_t p) { return values_.get() + p * rows_ * panel_columns; }
  const double* panel(std::size_t p) const { return values_.get() + p * rows_ * panel_columns; }
  double& at(std::size_t row, std::size_t column) {
    return panel(column / panel_columns)[row * panel_columns + column % panel_columns];
  }

 private:
  struct Free {
    void operator()(double* p) const { std::free(p); }
  };
  /// Cache-line aligned; calloc would not be, and vector would touch every page twice.
  static double* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(double) + 64;
    auto* values = static_cast<double*>(std::aligned_alloc(64, bytes / 64 * 64));
    if (!values) throw std::bad_alloc();
    for (std::size_t i = 0; i < count; ++i) values[i] = 0.0;
    return values;
  }

  std::size_t rows_, panels_;
  std::unique_ptr<double, Free> values_;
};

}  // namespace npo::irls

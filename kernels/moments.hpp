#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "kernels/fixed_sum.hpp"
#include "kernels/simd_level.hpp"

/// Weighted mean and variance of a column at the speed of reading it, with the same bits for every cut of the
/// rows, every SIMD level and every number of threads.
namespace npo {

/// What the items are bounded by: |x| <= 2^value and 0 <= w <= 2^weight. Each of the four summands of a row
/// is rounded once to 2^-50 of its own bound, and from there on everything is an integer.
struct MomentScale {
  int value = 0;   ///< exponent, -60 to 60; 0 for scores and rates
  int weight = 0;  ///< exponent, -60 to 60; 0 for weights up to 1
  bool operator==(const MomentScale&) const = default;
};

/// The least scale that holds these rows. Error(bad_data) names the first row that is not a number, infinite,
/// above 2^60 or has a negative weight.
MomentScale moment_scale_of(std::span<const float> values, std::span<const float> weights = {});

/// Sums over rows (x_i, w_i). Parts of any cut, merged in any order, are equal. Up to 10^12 rows.
class Moments {
 public:
  explicit Moments(MomentScale scale = {});

  /// Adds rows of weight 1.
  void add(std::span<const float> values, SimdLevel level, std::uint64_t first_row = 0);
  /// Adds rows with weights (as many). Error(bad_data) names the first row, counted from first_row, whose
  /// value or weight lies outside the scale or is not a number.
  void add(std::span<const float> values, std::span<const float> weights, SimdLevel level,
           std::uint64_t first_row = 0);
  /// Adds a part; Error(internal) when its scale differs.
  void merge(const Moments& part);

  std::uint64_t rows() const { return rows_; }
  double sum_w() const;    ///< sum of w_i
  double sum_ww() const;   ///< sum of w_i^2
  double sum_wx() const;   ///< sum of w_i x_i
  double sum_wxx() const;  ///< sum of w_i x_i^2

  /// sum w x / sum w; nothing when the weights sum to 0.
  std::optional<double> mean() const;
  /// The population variance sum w (x - mean)^2 / sum w, never negative; nothing when the weights sum to 0.
  std::optional<double> variance() const;
  /// Kish's effective sample size (sum w)^2 / sum w^2; nothing when the weights sum to 0.
  std::optional<double> effective_rows() const;

  bool operator==(const Moments&) const = default;

 private:
  void add_rows(std::span<const float> values, const float* weights, SimdLevel level,
                std::uint64_t first_row);

  MomentScale scale_;
  std::uint64_t rows_ = 0;
  FixedSum w_, ww_, wx_, wxx_;  ///< of items scaled to [-2^10, 2^10]
};

}  // namespace npo

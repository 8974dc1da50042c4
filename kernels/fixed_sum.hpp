#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/lane/annotations.hpp"
#include "kernels/vocabulary.hpp"

/// Sums of real numbers that do not depend on the order of addition: every item is rounded once to a multiple
/// of 2^-40, and from there on everything is an integer (architecture: statistics are integers until the last
/// step).
namespace npo {

/// Items lie in [-2^10, 2^10], so that a tile of 4096 fits an int64 and 10^12 items fit an int128.
inline constexpr double fixed_sum_limit = 0x1p10;
inline constexpr double fixed_sum_unit = 0x1p-40;

NPO_HD bool fits_fixed_sum(double x) {
  return x >= -fixed_sum_limit && x <= fixed_sum_limit;
}

/// x / 2^-40 rounded to the nearest integer, ties to even, for x in range.
NPO_HD std::int64_t to_sum_units(double x) {
  const double magic = 0x1.8p52;  // adding it rounds to an integer, which then sits in the low bits
  return std::bit_cast<std::int64_t>(x * 0x1p40 + magic) - std::bit_cast<std::int64_t>(magic);
}

/// A total in units of 2^-40. Parts from any cut of the data, in any order, merge to the same words.
class FixedSum {
 public:
  FixedSum() = default;
  /// From the two words of a file.
  FixedSum(std::int64_t low, std::int64_t high)
      : total_(static_cast<Wide>(high) * two_to_64 + static_cast<std::uint64_t>(low)) {}

  /// Adds one item. Error(bad_data) when it is out of range or not a number.
  void add(double x) {
    if (!fits_fixed_sum(x)) refuse(x, 0);
    total_ += to_sum_units(x);
  }
  /// Adds items; the error names the offending one as first_index + its position.
  void add(std::span<const double> items, std::uint64_t first_index = 0);
  void add(std::span<const float> items, std::uint64_t first_index = 0);
  /// Adds a sum of up to 4096 items that were rounded elsewhere.
  void add_tile(std::int64_t units) { total_ += units; }
  void merge(const FixedSum& part) { total_ += part.total_; }

  /// The two words of a file: the low one carries no sign.
  std::int64_t low() const { return static_cast<std::int64_t>(static_cast<std::uint64_t>(total_)); }
  std::int64_t high() const { return static_cast<std::int64_t>(total_ >> 64); }
  /// The total as the nearest double.
  double value() const { return static_cast<double>(total_) * fixed_sum_unit; }

  friend bool operator==(const FixedSum&, const FixedSum&) = default;

 private:
  __extension__ using Wide = __int128;
  static constexpr Wide two_to_64 = static_cast<Wide>(1) << 64;
  [[noreturn]] static void refuse(double x, std::uint64_t index);
  template <class T>
  void add_items(std::span<const T> items, std::uint64_t first_index);

  Wide total_ = 0;
};

}  // namespace npo

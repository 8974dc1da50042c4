#include "kernels/fixed_sum.hpp"

#include <algorithm>
#include <string>

#include "kernels/error.hpp"

namespace npo {

void FixedSum::refuse(double x, std::uint64_t index) {
  throw Error(
      ErrorKind::bad_data,
      "item " + std::to_string(index) + " of a sum is " + std::to_string(x) + ", outside [-1024, 1024]",
      "scale the column or remove the row");
}

template <class T>
void FixedSum::add_items(std::span<const T> items, std::uint64_t first_index) {
  for (std::size_t begin = 0; begin < items.size(); begin += tile_rows) {
    const auto tile = items.subspan(begin, std::min(tile_rows, items.size() - begin));
    std::int64_t units = 0;
    bool fits = true;
    for (const T x : tile) {
      fits &= fits_fixed_sum(x);
      units += to_sum_units(x);
    }
    if (!fits) {
      const auto bad = std::find_if(tile.begin(), tile.end(), [](T x) { return !fits_fixed_sum(x); });
      refuse(*bad, first_index + begin + static_cast<std::size_t>(bad - tile.begin()));
    }
    add_tile(units);
  }
}

void FixedSum::add(std::span<const double> items, std::uint64_t first_index) {
  add_items(items, first_index);
}
void FixedSum::add(std::span<const float> items, std::uint64_t first_index) {
  add_items(items, first_index);
}

}  // namespace npo

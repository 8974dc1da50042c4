#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "kernels/ranked_metrics.hpp"

namespace npo {

IntegerWeights integer_weights(std::span<const float> weights, std::uint64_t first_row) {
  float largest = 0.0f;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0.0f) || std::isinf(weights[i]))
      throw Error(ErrorKind::bad_data,
                  "row " + std::to_string(first_row + i) + " has the weight " + std::to_string(weights[i]),
                  "weights are finite and not negative; remove the row");
    largest = std::max(largest, weights[i]);
  }
  if (largest == 0.0f)
    throw Error(ErrorKind::bad_data, "all weights are zero", "name the right column, or leave weights out");
  int exponent = 0;
  std::frexp(largest, &exponent);  // largest < 2^exponent
  IntegerWeights result;
  result.unit = std::ldexp(1.0, exponent - 30);
  result.weight.reserve(weights.size());
  const double per_unit = std::ldexp(1.0, 30 - exponent);
  for (const float w : weights)
    result.weight.push_back(static_cast<std::uint32_t>(std::nearbyint(double{w} * per_unit)));
  return result;
}

}  // namespace npo

#include "kernels/moments.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "kernels/moments_lanes.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr int largest_exponent = 60;
/// FixedSum's units are 2^-40 of items up to 2^10; ours are 2^-50 of items up to 1.
constexpr double fixed_per_bound = 0x1p10;

MomentFactors factors_of(MomentScale scale) {
  return {std::ldexp(1.0, -scale.value), std::ldexp(1.0, -scale.weight), std::ldexp(1.0f, scale.value),
          std::ldexp(1.0f, scale.weight)};
}

[[noreturn]] void refuse(const char* what, float x, std::uint64_t row, const std::string& why) {
  throw Error(ErrorKind::bad_data,
              "row " + std::to_string(row) + " holds the " + what + " " + std::to_string(x) + ", " + why,
              "remove the row or scale the column");
}

/// Least e with largest <= 2^e, at least -60.
int exponent_above(float largest) {
  if (largest == 0.0f) return -largest_exponent;
  int exponent = 0;
  const float mantissa = std::frexp(largest, &exponent);
  return std::max(mantissa == 0.5f ? exponent - 1 : exponent, -largest_exponent);
}

}  // namespace

MomentScale moment_scale_of(std::span<const float> values, std::span<const float> weights) {
  const float limit = std::ldexp(1.0f, largest_exponent);
  float value = 0.0f, weight = weights.empty() ? 1.0f : 0.0f;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(std::abs(values[i]) <= limit)) refuse("value", values[i], i, "which is not a number within 2^60");
    value = std::max(value, std::abs(values[i]));
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0.0f && weights[i] <= limit))
      refuse("weight", weights[i], i, "which is not a number from 0 to 2^60");
    weight = std::max(weight, weights[i]);
  }
  return {exponent_above(value), exponent_above(weight)};
}

Moments::Moments(MomentScale scale) : scale_(scale) {
  if (std::max(std::abs(scale.value), std::abs(scale.weight)) > largest_exponent)
    throw Error(ErrorKind::internal, "the exponents of a moment scale lie within -60 and 60");
}

void Moments::add(std::span<const float> values, SimdLevel level, std::uint64_t first_row) {
  add_rows(values, nullptr, level, first_row);
}

void Moments::add(std::span<const float> values, std::span<const float> weights, SimdLevel level,
                  std::uint64_t first_row) {
  if (weights.size() != values.size())
    throw Error(ErrorKind::internal, "values and weights of moments differ in length");
  add_rows(values, weights.data(), level, first_row);
}

void Moments::add_rows(std::span<const float> values, const float* weights, SimdLevel level,
                       std::uint64_t first_row) {
  if (!supports(level))
    throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)),
                "use --simd auto");
  if (!weights && scale_.weight < 0)
    throw Error(ErrorKind::internal, "weights of 1 lie outside the scale of these moments");
  const auto tile_moments = level == SimdLevel::avx512 ? moments_avx512
                            : level == SimdLevel::avx2 ? moments_avx2
                                                       : moments_scalar;
  const MomentFactors factors = factors_of(scale_);
  for (std::size_t begin = 0; begin < values.size(); begin += tile_rows) {
    const std::size_t rows = std::min(tile_rows, values.size() - begin);
    const float* tile_weights = weights ? weights + begin : nullptr;
    const MomentTile tile = tile_moments(values.data() + begin, tile_weights, rows, factors);
    if (!tile.fits) {
      for (std::size_t i = begin; i < begin + rows; ++i) {
        if (!(std::abs(values[i]) <= factors.value_limit))
          refuse("value", values[i], first_row + i, "beyond 2^" + std::to_string(scale_.value));
        if (weights && !(weights[i] >= 0.0f && weights[i] <= factors.weight_limit))
          refuse("weight", weights[i], first_row + i, "not within 0 and 2^" + std::to_string(scale_.weight));
      }
    }
    rows_ += rows;
    w_.add_tile(tile.w);
    ww_.add_tile(tile.ww);
    wx_.add_tile(tile.wx);
    wxx_.add_tile(tile.wxx);
  }
}

void Moments::merge(const Moments& part) {
  if (part.scale_ != scale_) throw Error(ErrorKind::internal, "two moments differ in scale");
  rows_ += part.rows_;
  w_.merge(part.w_);
  ww_.merge(part.ww_);
  wx_.merge(part.wx_);
  wxx_.merge(part.wxx_);
}

double Moments::sum_w() const {
  return std::ldexp(w_.value() / fixed_per_bound, scale_.weight);
}
double Moments::sum_ww() const {
  return std::ldexp(ww_.value() / fixed_per_bound, 2 * scale_.weight);
}
double Moments::sum_wx() const {
  return std::ldexp(wx_.value() / fixed_per_bound, scale_.weight + scale_.value);
}
double Moments::sum_wxx() const {
  return std::ldexp(wxx_.value() / fixed_per_bound, scale_.weight + 2 * scale_.value);
}

std::optional<double> Moments::mean() const {
  const double w = sum_w();
  if (w == 0.0) return std::nullopt;
  return sum_wx() / w;
}

std::optional<double> Moments::variance() const {
  const std::optional<double> m = mean();
  if (!m) return std::nullopt;
  return std::max(0.0, (sum_wxx() - *m * sum_wx()) / sum_w());
}

std::optional<double> Moments::effective_rows() const {
  const double w = sum_w();
  if (w == 0.0) return std::nullopt;
  return w * w / sum_ww();
}

}  // namespace npo

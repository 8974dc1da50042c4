#pragma once
#include <span>

#include "io/model_file.hpp"
#include "kernels/simd_level.hpp"

namespace npo {

/// m(x) of rows of features, [rows][model.weights.size()] row-major, with the arithmetic of `npo score` to
/// the bit. Index of the first row that has no finite score, or the number of rows.
std::size_t score_model(const PlannedModel& model, std::span<const float> features, std::span<float> scores,
                        SimdLevel level);

}  // namespace npo

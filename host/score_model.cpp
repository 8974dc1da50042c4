#include "host/score_model.hpp"

#include <vector>

#include "kernels/score_batch.hpp"

namespace npo {

std::size_t score_model(const PlannedModel& model, std::span<const float> features, std::span<float> scores,
                        SimdLevel level) {
  const float thresholds[] = {0.5f}, surface_probability[] = {0.0f, 1.0f};
  const std::uint8_t arm[] = {0};
  const std::size_t rows = scores.size();
  const PreparedScore score(
      {.model = {.weights = model.weights, .bias = model.bias, .transforms = model.transforms},
       .threshold = {.thresholds = thresholds,
                     .fleet_arm = arm,
                     .fleet_surface_probability = surface_probability},
       .guardrails = {},
       .carry = Carry::reset});
  const std::vector<std::uint32_t> fleet(rows, 0);
  std::vector<float> running_score(rows), p_surfaced(rows);
  std::vector<std::uint8_t> decision(rows), arms(rows);
  std::vector<std::uint64_t> mask(rows);
  const RowInputs in{
      .rows = rows, .features = features, .fleet = fleet, .carried = {}, .preset_mask = {}, .row_arm = {}};
  const RowOutputs out{.base_score = scores,
                       .score = running_score,
                       .decision = decision,
                       .mask = mask,
                       .arm = arms,
                       .p_surfaced = p_surfaced};
  return score_batch_cpu(score, in, out, level).first_bad_row;
}

}  // namespace npo

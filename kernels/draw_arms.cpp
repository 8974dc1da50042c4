#include "kernels/draw_arms.hpp"

#include <limits>
#include <string>

#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const std::string& problem) {
  throw Error(ErrorKind::internal, "arm draw: " + problem, "report this as a bug");
}

void check_shapes(std::span<const float> shapes, const char* name) {
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!(shapes[i] >= 1.0f && shapes[i] <= 1e9f))
      refuse(std::string(name) + "[" + std::to_string(i) + "] = " + std::to_string(shapes[i]) +
             " is outside [1, 1e9]");
  }
}

void check_table(std::span<const float> shape_a, std::span<const float> shape_b, int arms) {
  if (arms < 2 || arms > max_arms)
    refuse(std::to_string(arms) + " arms, not 2 to " + std::to_string(max_arms));
  if (shape_a.size() != shape_b.size() || shape_a.size() % static_cast<std::size_t>(arms) != 0) {
    refuse("tables of " + std::to_string(shape_a.size()) + " and " + std::to_string(shape_b.size()) +
           " shapes for " + std::to_string(arms) + " arms");
  }
  check_shapes(shape_a, "shape_a");
  check_shapes(shape_b, "shape_b");
}

void draw(const ArmDrawRows& rows, SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return draw_arms_scalar(rows);
    case SimdLevel::avx2:
      return draw_arms_avx2(rows);
    case SimdLevel::avx512:
      return draw_arms_avx512(rows);
  }
}

}  // namespace

ArmDrawRows nightly_rows(std::span<const float> shape_a, std::span<const float> shape_b, int arms,
                         std::uint64_t seed, std::span<const std::uint64_t> entity, std::uint32_t step,
                         std::span<std::uint8_t> arm) {
  check_table(shape_a, shape_b, arms);
  if (shape_a.size() != entity.size() * static_cast<std::size_t>(arms) || arm.size() != entity.size())
    refuse("as many bandits, entities and results are needed");
  return {{shape_a.data(), shape_b.data(), arms, step, RandomPurpose::nightly_arm},
          seed,
          entity.data(),
          nullptr,
          entity.size(),
          arm.data()};
}

ArmDrawRows scenario_rows(const RowArmDraws& draws, std::span<std::uint8_t> arm) {
  check_table(draws.shape_a, draws.shape_b, draws.arms);
  if (draws.shape_a.size() > std::numeric_limits<std::int32_t>::max()) refuse("more than 2^31 posteriors");
  if (draws.fleet.size() != draws.entity.size() || arm.size() != draws.entity.size())
    refuse("as many fleets, entities and results are needed");
  const std::size_t fleets = draws.shape_a.size() / static_cast<std::size_t>(draws.arms);
  for (const std::uint32_t fleet : draws.fleet)
    if (fleet >= fleets)
      refuse("fleet code " + std::to_string(fleet) + " of " + std::to_string(fleets) + " fleets");
  return {{draws.shape_a.data(), draws.shape_b.data(), draws.arms, draws.step, RandomPurpose::scenario_arm},
          draws.seed,
          draws.entity.data(),
          draws.fleet.data(),
          draws.entity.size(),
          arm.data()};
}

void draw_arms(std::span<const float> shape_a, std::span<const float> shape_b, int arms, std::uint64_t seed,
               std::span<const std::uint64_t> entity, std::uint32_t step, std::span<std::uint8_t> arm,
               SimdLevel level) {
  draw(nightly_rows(shape_a, shape_b, arms, seed, entity, step, arm), level);
}

void draw_row_arms(const RowArmDraws& draws, std::span<std::uint8_t> arm, SimdLevel level) {
  draw(scenario_rows(draws, arm), level);
}

}  // namespace npo

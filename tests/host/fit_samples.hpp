#pragma once
#include <cmath>
#include <random>

#include "host/run_context.hpp"
#include "tests/io/scenario_example.hpp"

/// Nights whose labels depend on the features, for the tests of fit, retrain and evaluate.
namespace npo::test {

inline constexpr UnixSeconds first_night = ScenarioExample::first_day;

inline UnixSeconds night(int index) {
  return first_night + index * seconds_per_day;
}

/// `nights` nights of the same `rows` scenarios; features skewed (at least 0), the last one constant; a label
/// says yes with log-odds 2 f0 - f1 - 1 of the unskewed features, and is known two days after its night.
inline ScenarioExample labelled_example(int nights, std::uint64_t rows, std::size_t dim = 4,
                                        unsigned seed = 1) {
  ScenarioExample example(std::vector<std::uint64_t>(static_cast<std::size_t>(nights), rows), false, dim);
  example.header.label_horizon = 2 * seconds_per_day;
  std::mt19937 bits(seed);
  const auto uniform = [&] { return static_cast<double>(bits()) * 0x1p-32; };
  for (std::uint64_t row = 0; row < example.rows(); ++row) {
    double eta = -1.0;
    for (std::size_t k = 0; k + 1 < dim; ++k) {
      const double z = uniform() + uniform() + uniform() - 1.5;
      example.features[row * dim + k] = static_cast<float>(std::exp(2.0 * z));
      eta += k == 0 ? 2.0 * z : k == 1 ? -z : 0.0;
    }
    example.features[row * dim + dim - 1] = 3.0f;
    example.label[row] = uniform() < 1.0 / (1.0 + std::exp(-eta)) ? 1 : 0;
    example.known[row] = night(static_cast<int>(row / rows) + 2);
  }
  return example;
}

inline RunContext threads(int count) {
  RunContext context;
  context.threads = count;
  return context;
}

}  // namespace npo::test

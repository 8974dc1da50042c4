#include "kernels/alias_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace npo {
namespace {

/// The law that a table stands for.
std::vector<double> law_of(const AliasTable& table) {
  const double size = static_cast<double>(table.keep.size());
  std::vector<double> law(table.keep.size());
  for (std::size_t i = 0; i < law.size(); ++i) {
    law[i] += static_cast<double>(table.keep[i]) / size;
    law[table.alias[i]] += (1.0 - static_cast<double>(table.keep[i])) / size;
  }
  return law;
}

TEST(AliasTable, StandsForTheWeights) {
  for (const std::size_t size : {1u, 2u, 10u, 1000u}) {
    for (const double exponent : {0.0, 0.5, 1.0, 3.0}) {
      std::vector<double> weight(size);
      for (std::size_t i = 0; i < size; ++i) weight[i] = std::pow(static_cast<double>(i + 1), -exponent);
      const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
      const auto law = law_of(alias_table(weight));
      // Shares to keep are floats: each cell of 1 / size is cut to within 2^-25, and all may alias one item.
      for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(law[i], weight[i] / total, 0x1p-25 + 1e-12);
    }
  }
}

TEST(AliasTable, WeightsOfZeroAreNeverDrawn) {
  const auto law = law_of(alias_table(std::vector<double>{0.0, 3.0, 0.0, 1.0}));
  EXPECT_EQ(law[0], 0.0);
  EXPECT_EQ(law[2], 0.0);
  EXPECT_DOUBLE_EQ(law[1], 0.75);
}

}  // namespace
}  // namespace npo

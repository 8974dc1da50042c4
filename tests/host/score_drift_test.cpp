#include "host/score_drift.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace npo {
namespace {

using Bins = std::vector<std::uint64_t>;

TEST(HistogramDistance, IsZeroForTheSameShapeWhateverTheCounts) {
  const Bins a{1, 2, 3, 4}, b{1000, 2000, 3000, 4000};
  EXPECT_EQ(histogram_distance(a, b).value(), 0.0);
}

TEST(HistogramDistance, IsOneForDisjointShapes) {
  const Bins a{5, 5, 0, 0}, b{0, 0, 1, 9};
  EXPECT_EQ(histogram_distance(a, b).value(), 1.0);
}

TEST(HistogramDistance, IsTheLargestGapOfTheDistributionFunctions) {
  // Distribution functions 1/4 2/4 3/4 1 and 3/4 3/4 3/4 1: the gap is largest, 1/2, in the first bin.
  const Bins a{1, 1, 1, 1}, b{3, 0, 0, 1};
  EXPECT_EQ(histogram_distance(a, b).value(), 0.5);
  EXPECT_EQ(histogram_distance(b, a).value(), 0.5);
}

TEST(HistogramDistance, OfNothingIsUndefined) {
  const Bins a{1, 1}, empty{0, 0};
  EXPECT_FALSE(histogram_distance(a, empty).has_value());
  EXPECT_FALSE(histogram_distance(empty, a).has_value());
}

}  // namespace
}  // namespace npo

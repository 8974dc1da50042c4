#include "kernels/fixed_sum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "kernels/error.hpp"

namespace npo {
namespace {

std::vector<double> random_items(std::size_t count) {
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> uniform(-1024.0, 1024.0);
  std::vector<double> items(count);
  for (double& x : items) x = uniform(engine);
  return items;
}

FixedSum sum_of(std::span<const double> items) {
  FixedSum sum;
  sum.add(items);
  return sum;
}

TEST(FixedSum, DoesNotDependOnTheOrder) {
  auto items = random_items(50000);
  const FixedSum expected = sum_of(items);
  std::shuffle(items.begin(), items.end(), std::mt19937(6));
  EXPECT_EQ(sum_of(items), expected);
}

TEST(FixedSum, PartsOfAnyCutMergeToTheSameWords) {
  const auto items = random_items(20000);
  const FixedSum expected = sum_of(items);
  for (const std::size_t cut : {1u, 7u, 4095u, 4096u, 4097u, 20000u}) {
    FixedSum merged;
    for (std::size_t begin = 0; begin < items.size(); begin += cut) {
      const FixedSum part = sum_of(std::span(items).subspan(begin, std::min(cut, items.size() - begin)));
      merged.merge(FixedSum(part.low(), part.high()));  // through the two words of a file
    }
    EXPECT_EQ(merged, expected) << cut;
  }
}

TEST(FixedSum, RoundsEachItemToTheNearestUnitTiesToEven) {
  EXPECT_EQ(to_sum_units(1.0), std::int64_t{1} << 40);
  EXPECT_EQ(to_sum_units(-1024.0), -(std::int64_t{1} << 50));
  EXPECT_EQ(to_sum_units(0x1p-41), 0);
  EXPECT_EQ(to_sum_units(0x1.8p-40), 2);
  EXPECT_EQ(to_sum_units(-0x1.8p-40), -2);
  EXPECT_EQ(to_sum_units(0x1.0001p-41), 1);
}

TEST(FixedSum, HoldsTheLargestTileAndBeyondInt64) {
  const std::vector<double> tile(tile_rows, -1024.0);
  FixedSum sum;
  for (int i = 0; i < 1000; ++i) sum.add(tile);
  EXPECT_EQ(sum.value(), -1024.0 * 4096 * 1000);
  EXPECT_EQ(sum.high(), -250);  // 2^10 2^12 2^40 1000 / 2^64
  FixedSum back;
  for (int i = 0; i < 1000; ++i) back.add(std::vector<double>(tile_rows, 1024.0));
  back.merge(sum);
  EXPECT_EQ(back, FixedSum());
}

TEST(FixedSum, FloatsAndDoublesOfTheSameValuesAgree) {
  std::vector<float> floats;
  std::vector<double> doubles;
  for (const double x : random_items(5000)) {
    floats.push_back(static_cast<float>(x));
    doubles.push_back(floats.back());
  }
  FixedSum sum;
  sum.add(floats);
  EXPECT_EQ(sum, sum_of(doubles));
}

TEST(FixedSum, RefusesWhatItCannotHoldAndNamesTheItem) {
  for (const double bad : {1024.0000001, -1025.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    auto items = random_items(9000);
    items[8000] = bad;
    FixedSum sum;
    try {
      sum.add(items, 100000);
      FAIL() << bad << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_data);
      EXPECT_THAT(error.what(), testing::HasSubstr("item 108000"));
    }
    EXPECT_THROW(sum.add(bad), Error);
  }
}

}  // namespace
}  // namespace npo

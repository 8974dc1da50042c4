#include "io/nearest_word.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace npo {
namespace {

TEST(NearestWord, FindsSlipsAndShortenings) {
  const std::vector<std::string> known{"override", "like", "neutral", "skipped", "retract", "smart_5_raw"};
  EXPECT_EQ(nearest_word("overide", known), "override");
  EXPECT_EQ(nearest_word("LIKE", known), "like");
  EXPECT_EQ(nearest_word("skiped", known), "skipped");
  EXPECT_EQ(nearest_word("smart_5", known), "smart_5_raw");
}

TEST(NearestWord, SaysNothingWhenNoneIsNear) {
  const std::vector<std::string> known{"override", "like"};
  EXPECT_EQ(nearest_word("temperature", known), "");
  EXPECT_EQ(nearest_word("x", {}), "");
}

}  // namespace
}  // namespace npo

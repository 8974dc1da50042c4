#include "host/name_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "kernels/error.hpp"

namespace npo {
namespace {

/// Against a map, through many enlargements and a sort.
TEST(NameTable, GivesEveryNameOneCode) {
  NameTable table("fleet", 100000);
  std::map<std::string, std::uint32_t> expected;
  const auto name_of = [](std::uint32_t i) { return "fleet-" + std::to_string(i * 2654435761u % 30011u); };
  for (std::uint32_t i = 0; i < 50000; ++i) {
    const auto [place, fresh] = expected.emplace(name_of(i), static_cast<std::uint32_t>(expected.size()));
    ASSERT_EQ(table.code(name_of(i)), place->second);
  }
  ASSERT_EQ(table.names().size(), expected.size());
  const std::vector<std::uint32_t> sorted_code = table.sort();
  std::uint32_t next = 0;
  for (const auto& [name, code] : expected) {  // a map is in the order of names
    EXPECT_EQ(table.names()[next], name);
    EXPECT_EQ(sorted_code[code], next);
    EXPECT_EQ(table.code(name), next++);
  }
  EXPECT_EQ(table.code("after the sort"), next);
  EXPECT_EQ(table.code("after the sort"), next);
}

TEST(NameTable, RefusesTooManyNamesAndKeepsTheOld) {
  NameTable table("run", 2);
  EXPECT_EQ(table.code(""), 0u);
  EXPECT_EQ(table.code("a"), 1u);
  EXPECT_THROW(table.code("b"), Error);
  EXPECT_THROW(table.code("b"), Error);
  EXPECT_EQ(table.code("a"), 1u);
  EXPECT_EQ(table.code(""), 0u);
}

}  // namespace
}  // namespace npo

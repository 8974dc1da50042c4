#include "host/id_join.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace npo {
namespace {

IdJoin join_with(const std::vector<std::uint64_t>& table) {
  return IdJoin(table.size(), [table](std::uint64_t first, std::uint64_t count) {
    const auto begin = table.begin() + static_cast<std::ptrdiff_t>(first);
    return IdList{1, {begin, begin + static_cast<std::ptrdiff_t>(count)}};
  });
}

TEST(IdJoin, FindsRowsInBlocksOfAnySize) {
  std::vector<std::uint64_t> table, ids;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    if (i % 3 != 0) table.push_back(i);
    if (i % 5 != 0) ids.push_back(i);
  }
  for (const std::size_t block : {std::size_t{1}, std::size_t{7}, std::size_t{64}, ids.size()}) {
    IdJoin join = join_with(table);
    for (std::size_t first = 0; first < ids.size(); first += block) {
      const IdList part{1,
                        {ids.begin() + static_cast<std::ptrdiff_t>(first),
                         ids.begin() + static_cast<std::ptrdiff_t>(std::min(first + block, ids.size()))}};
      const std::vector<std::uint64_t> rows = join.locate(part);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t id = part.words[i];
        if (id % 3 == 0)
          ASSERT_EQ(rows[i], no_row) << id;
        else
          ASSERT_EQ(table[rows[i]], id);
      }
    }
  }
}

TEST(IdJoin, TakesAnAlignedTableAtOnce) {
  const std::vector<std::uint64_t> table{2, 4, 6, 8};
  IdJoin join = join_with(table);
  EXPECT_EQ(join.locate({1, {2, 4}}), (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(join.locate({1, {6, 8}}), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(join.locate({1, {9}}), (std::vector<std::uint64_t>{no_row}));
}

TEST(IdJoin, EmptySidesMatchNothing) {
  IdJoin empty = join_with({});
  EXPECT_EQ(empty.locate({1, {1}}), (std::vector<std::uint64_t>{no_row}));
  IdJoin join = join_with({1});
  EXPECT_TRUE(join.locate({1, {}}).empty());
}

}  // namespace
}  // namespace npo

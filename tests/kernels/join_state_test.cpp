#include "kernels/join_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

using Id = std::vector<std::uint64_t>;

/// An id column with its own storage.
struct Ids {
  std::vector<std::uint64_t> words;
  int words_per_id = 1;
  std::size_t rows = 0;
  IdView view() const { return {words.data(), rows, words_per_id}; }
  IdView view(std::size_t first, std::size_t count) const {
    return {words.data() + first * static_cast<std::size_t>(words_per_id), count, words_per_id};
  }
};

Ids column_of(const std::set<Id>& ids, int width) {
  Ids column{{}, width, ids.size()};
  for (const Id& id : ids) {
    for (std::size_t w = 0; w < static_cast<std::size_t>(width); ++w) {
      column.words.push_back(w < id.size() ? id[w] : 0);
    }
  }
  return column;
}

/// `count` ids of `width` words. Few values a word, so that ids share their leading words; the top bit is
/// used.
std::set<Id> random_ids(std::mt19937_64& random, std::size_t count, int width) {
  std::set<Id> ids;
  while (ids.size() < count) {
    Id id(static_cast<std::size_t>(width));
    for (auto& word : id) word = (random() % 3) << 62 | random() % 2;
    id.back() = (random() % 2) << 63 | random() % (4 * count);
    ids.insert(id);
  }
  return ids;
}

/// Keeps each id with probability `share`.
std::set<Id> thin(std::mt19937_64& random, const std::set<Id>& ids, double share) {
  std::set<Id> kept;
  for (const Id& id : ids) {
    if (std::uniform_real_distribution<>()(random) < share) kept.insert(id);
  }
  return kept;
}

std::vector<float> numbered(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i + 1);
  return values;
}

/// What the join means: a look-up of every row in a map.
std::vector<float> expected_of(const std::set<Id>& rows, const std::set<Id>& states, int width) {
  std::map<Id, float> value_of;
  float next = 1.0f;
  for (Id id : states) {
    id.resize(static_cast<std::size_t>(width));
    value_of[id] = next++;
  }
  std::vector<float> expected;
  for (Id id : rows) {
    id.resize(static_cast<std::size_t>(width));
    const auto found = value_of.find(id);
    expected.push_back(found == value_of.end() ? no_correction : found->second);
  }
  return expected;
}

struct Joined {
  std::vector<float> carried;
  std::size_t matched = 0;
};

Joined join_in_batches(const Ids& rows, const Ids& states, std::size_t batch) {
  const std::vector<float> values = numbered(states.rows);
  Joined joined{std::vector<float>(rows.rows, -1.0f), 0};
  std::size_t cursor = 0;
  for (std::size_t first = 0; first < rows.rows; first += batch) {
    const std::size_t count = std::min(batch, rows.rows - first);
    joined.matched += join_state(rows.view(first, count), states.view(), values, cursor,
                                 std::span(joined.carried).subspan(first, count));
  }
  return joined;
}

void expect_join(const std::set<Id>& rows, const std::set<Id>& states, int row_width, int state_width) {
  const auto expected = expected_of(rows, states, std::max(row_width, state_width));
  const auto known = expected.size() - static_cast<std::size_t>(std::ranges::count(expected, no_correction));
  const Ids row_column = column_of(rows, row_width), state_column = column_of(states, state_width);
  for (std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}, rows.size() + 1}) {
    const Joined joined = join_in_batches(row_column, state_column, batch);
    EXPECT_EQ(joined.carried, expected)
        << "batch " << batch << ", widths " << row_width << " and " << state_width;
    EXPECT_EQ(joined.matched, known);
  }
}

TEST(JoinState, MatchesAMapForEveryWidthOverlapAndCut) {
  std::mt19937_64 random(17);
  for (int width = 1; width <= 8; ++width) {
    const std::set<Id> all = random_ids(random, 700, width);
    for (double row_share : {0.02, 0.5, 0.97, 1.0}) {
      for (double state_share : {0.0, 0.02, 0.5, 0.97, 1.0}) {
        expect_join(thin(random, all, row_share), thin(random, all, state_share), width, width);
      }
    }
  }
}

TEST(JoinState, PadsTheShorterIdWithZeroWords) {
  std::mt19937_64 random(18);
  for (int narrow = 1; narrow < 8; ++narrow) {
    const std::set<Id> rows = random_ids(random, 300, narrow);
    std::set<Id> states = thin(random, rows, 0.7);
    for (Id longer : rows) {
      longer.resize(8);
      longer.back() = 5;
      states.insert(longer);
    }
    std::set<Id> padded;
    for (Id id : states) {
      id.resize(8);
      padded.insert(id);
    }
    expect_join(rows, padded, narrow, 8);
    expect_join(padded, rows, 8, narrow);
  }
}

TEST(JoinState, LeapsOverAStateThatIsFarBehind) {
  std::set<Id> states, rows;
  for (std::uint64_t id = 0; id < 20000; ++id) states.insert({id * 3});
  for (std::uint64_t id : {9u, 10u, 11997u, 11998u, 12000u, 59997u, 60000u, 70000u}) rows.insert({id});
  expect_join(rows, states, 1, 1);
  for (std::uint64_t id = 0; id < 40; ++id) rows.insert({45000 + id});
  expect_join(rows, states, 1, 1);
}

TEST(JoinState, HandlesEmptySides) {
  expect_join({}, {{1}, {2}}, 1, 1);
  expect_join({{1}, {2}}, {}, 1, 1);
  expect_join({{1}, {2}}, {{3}}, 1, 1);
  expect_join({{4}, {5}}, {{3}}, 1, 1);
}

TEST(JoinState, RefusesColumnsOfUnequalLength) {
  const Ids rows = column_of({{1}, {2}}, 1);
  std::vector<float> values(1), carried(2);
  std::size_t cursor = 0;
  EXPECT_THROW(join_state(rows.view(), rows.view(), values, cursor, carried), Error);
}

TEST(CompareIds, OrdersLikeText) {
  const auto packed = [](std::string_view text) {
    Id id(8, 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      id[i / 8] |= std::uint64_t{static_cast<unsigned char>(text[i])} << (56 - 8 * (i % 8));
    }
    return id;
  };
  const std::vector<std::string> texts{"", "A", "AB", "ABCDEFGH", "ABCDEFGHI", "B", "Z302A0XYF", "\xc3\xa9"};
  for (const auto& a : texts) {
    for (const auto& b : texts) {
      const Id x = packed(a), y = packed(b);
      const int order = compare_ids({x.data(), 1, 8}, 0, {y.data(), 1, 8}, 0);
      EXPECT_EQ(order < 0, a < b) << a << " and " << b;
      EXPECT_EQ(order == 0, a == b);
    }
  }
}

TEST(LowerBoundId, FindsTheFirstRowThatIsNotLess) {
  std::mt19937_64 random(19);
  for (int width : {1, 3}) {
    const std::set<Id> all = random_ids(random, 200, width), some = thin(random, all, 0.5);
    const Ids ids = column_of(some, width), keys = column_of(all, width);
    std::size_t j = 0;
    for (const Id& key : all) {
      const auto expected = std::distance(some.begin(), some.lower_bound(key));
      EXPECT_EQ(lower_bound_id(ids.view(), keys.view(), j++), static_cast<std::size_t>(expected));
    }
  }
}

}  // namespace
}  // namespace npo

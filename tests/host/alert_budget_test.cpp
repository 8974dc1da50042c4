#include "host/alert_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

namespace npo {
namespace {

constexpr auto surfaced = static_cast<std::uint8_t>(Decision::surfaced);
constexpr auto withheld = static_cast<std::uint8_t>(Decision::withheld);
constexpr auto blocked = static_cast<std::uint8_t>(Decision::blocked);

/// A night with many ties: scores are multiples of 1/16, decisions of every kind.
struct NightOfRows {
  std::vector<float> score, p_surfaced;
  std::vector<std::uint8_t> decision;

  explicit NightOfRows(std::size_t rows) : score(rows), p_surfaced(rows, 0.5f), decision(rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      const PhiloxWords words = philox(philox_counter(RandomPurpose::test, i, 0, 0), 7);
      score[i] = static_cast<float>(uniform_below(words.word[0], 16)) / 16.0f;
      decision[i] = words.word[1] % 5 == 0 ? blocked : score[i] >= 0.5f ? surfaced : withheld;
    }
  }
};

/// Rows that a full sort would keep: the oracle.
std::vector<std::size_t> best_rows(const NightOfRows& night, std::size_t budget) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < night.score.size(); ++i)
    if (night.decision[i] == surfaced) rows.push_back(i);
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return night.score[a] > night.score[b]; });
  rows.resize(std::min(rows.size(), budget));
  std::sort(rows.begin(), rows.end());
  return rows;
}

TEST(AlertBudget, KeepsTheHighestScoresWithTiesToTheLowerRow) {
  for (const std::size_t budget : {0u, 1u, 2u, 17u, 100u, 5000u}) {
    NightOfRows night(1000);
    const auto expected = best_rows(night, budget);
    BudgetHeap cut(budget);
    cut.offer_rows(night.score, night.decision, 0);
    const auto before =
        static_cast<std::size_t>(std::count(night.decision.begin(), night.decision.end(), surfaced));
    const auto over = withhold_over_budget(cut, night.score, night.decision, night.p_surfaced, 0);
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < night.score.size(); ++i)
      if (night.decision[i] == surfaced) kept.push_back(i);
    EXPECT_EQ(kept, expected) << "budget " << budget;
    EXPECT_EQ(over, before - expected.size());
  }
}

TEST(AlertBudget, DoesNotDependOnTheCutIntoPieces) {
  NightOfRows whole(777);
  BudgetHeap once(50);
  once.offer_rows(whole.score, whole.decision, 0);
  BudgetHeap merged(50);
  for (std::size_t first = 700;; first -= 77) {  // pieces in descending order
    BudgetHeap piece(50);
    const std::size_t count = std::min<std::size_t>(77, whole.score.size() - first);
    piece.offer_rows(std::span(whole.score).subspan(first, count),
                     std::span(whole.decision).subspan(first, count), first);
    merged.merge(piece);
    if (first < 77) break;
  }
  BudgetHeap rest(50);
  rest.offer_rows(std::span(whole.score).first(7), std::span(whole.decision).first(7), 0);
  merged.merge(rest);
  ASSERT_TRUE(once.full());
  EXPECT_EQ(once.last().row, merged.last().row);
  EXPECT_EQ(once.last().score, merged.last().score);
}

TEST(AlertBudget, RowsBehindTheCutCouldNotHaveBeenSurfaced) {
  NightOfRows night(1000);
  BudgetHeap cut(20);
  cut.offer_rows(night.score, night.decision, 0);
  withhold_over_budget(cut, night.score, night.decision, night.p_surfaced, 0);
  for (std::size_t i = 0; i < night.score.size(); ++i) {
    if (night.decision[i] == blocked) continue;
    const bool behind = cut.last().before({night.score[i], i});
    EXPECT_EQ(night.p_surfaced[i], behind ? 0.0f : 0.5f) << "row " << i;
  }
}

TEST(AlertBudget, ABudgetThatIsNotReachedChangesNothing) {
  NightOfRows night(300), same(300);
  BudgetHeap cut(300);
  cut.offer_rows(night.score, night.decision, 0);
  EXPECT_FALSE(cut.overflowed());
  EXPECT_EQ(withhold_over_budget(cut, night.score, night.decision, night.p_surfaced, 0), 0u);
  EXPECT_EQ(night.decision, same.decision);
  EXPECT_EQ(night.p_surfaced, same.p_surfaced);
}

}  // namespace
}  // namespace npo

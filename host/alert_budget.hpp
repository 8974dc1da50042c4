#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/vocabulary.hpp"

/// An alert budget: at most N rows of a night are surfaced, the highest scores first, ties to the lower row.
namespace npo {

/// A row that would be surfaced. Scores of surfaced rows are never NaN.
struct Candidate {
  float score;
  std::uint64_t row;
  /// Whether this one is acted on before `other`.
  bool before(const Candidate& other) const {
    return score != other.score ? score > other.score : row < other.row;
  }
};

/// Keeps the best N candidates of those offered, in any order; memory is N candidates.
class BudgetHeap {
 public:
  explicit BudgetHeap(std::uint64_t budget) : budget_(budget) {}
  void offer(const Candidate& candidate);
  /// Offers the surfaced rows of a piece that begins at night row `first_row`.
  void offer_rows(std::span<const float> score, std::span<const std::uint8_t> decision,
                  std::uint64_t first_row);
  void merge(const BudgetHeap& other);
  bool full() const { return heap_.size() == budget_; }
  bool overflowed() const { return overflowed_; }
  /// The last candidate inside the budget; only of a full heap with budget > 0.
  Candidate last() const { return heap_.front(); }
  std::uint64_t budget() const { return budget_; }

 private:
  std::uint64_t budget_;
  bool overflowed_ = false;
  std::vector<Candidate> heap_;
};

/// Withholds what lies behind the cut: `decision` becomes withheld and `p_surfaced` 0, because given the
/// night's cut the row could not have been surfaced. Returns how many.
std::uint64_t withhold_over_budget(const BudgetHeap& cut, std::span<const float> score,
                                   std::span<std::uint8_t> decision, std::span<float> p_surfaced,
                                   std::uint64_t first_row);

}  // namespace npo

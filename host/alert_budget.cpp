#include "host/alert_budget.hpp"

#include <algorithm>

namespace npo {
namespace {

constexpr auto surfaced = static_cast<std::uint8_t>(Decision::surfaced);
constexpr auto withheld = static_cast<std::uint8_t>(Decision::withheld);

/// A heap's front is the greatest by its order; with `before` as that order it is the candidate acted on
/// last.
bool heap_order(const Candidate& a, const Candidate& b) {
  return a.before(b);
}

}  // namespace

void BudgetHeap::offer(const Candidate& candidate) {
  if (heap_.size() < budget_) {
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), heap_order);
    return;
  }
  overflowed_ = true;
  if (budget_ == 0 || !candidate.before(heap_.front())) return;
  std::pop_heap(heap_.begin(), heap_.end(), heap_order);
  heap_.back() = candidate;
  std::push_heap(heap_.begin(), heap_.end(), heap_order);
}

void BudgetHeap::offer_rows(std::span<const float> score, std::span<const std::uint8_t> decision,
                            std::uint64_t first_row) {
  for (std::size_t i = 0; i < score.size(); ++i)
    if (decision[i] == surfaced) offer({score[i], first_row + i});
}

void BudgetHeap::merge(const BudgetHeap& other) {
  overflowed_ |= other.overflowed_;
  for (const Candidate& candidate : other.heap_) offer(candidate);
}

std::uint64_t withhold_over_budget(const BudgetHeap& cut, std::span<const float> score,
                                   std::span<std::uint8_t> decision, std::span<float> p_surfaced,
                                   std::uint64_t first_row) {
  if (!cut.overflowed()) return 0;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < score.size(); ++i) {
    if (decision[i] == withheld) {
      const bool behind = cut.budget() == 0 || cut.last().before({score[i], first_row + i});
      if (behind) p_surfaced[i] = 0.0f;
      continue;
    }
    if (decision[i] != surfaced) continue;
    if (cut.budget() > 0 && !cut.last().before({score[i], first_row + i})) continue;
    decision[i] = withheld;
    p_surfaced[i] = 0.0f;
    ++count;
  }
  return count;
}

}  // namespace npo

#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "host/learn_buckets.hpp"
#include "io/state_store.hpp"

/// The ledgers of a `learn`: which answer of which source each decision has had, so that everything counts
/// once.
namespace npo {

/// One byte a decision row for every (run, source) that has events in this call. Threads may work on separate
/// rows.
class LearnLedgers {
 public:
  LearnLedgers(const LearnInputs& inputs, const EventCensus& census, const StateSnapshot& before);

  /// Cells of rows [first, first + count); the run and source must have events in this call.
  std::span<const std::uint8_t> cells(std::size_t run, std::size_t source, std::uint64_t first,
                                      std::uint64_t count) const;
  /// Stores cells from row `first` on, and remembers whether that changed any.
  void store(std::size_t run, std::size_t source, std::uint64_t first, std::span<const std::uint8_t> cells);

  /// The ledgers of the next generation: the changed ones are written, the others stay as they are, and those
  /// of nights before `oldest_night` are dropped.
  std::vector<LedgerEntry> write(UnixSeconds oldest_night, StateTransaction& transaction, int threads) const;

 private:
  struct Ledger {
    std::size_t run, source;
    std::vector<std::uint8_t> cells;
    std::atomic<bool> changed = false;
  };
  const Ledger& of(std::size_t run, std::size_t source) const { return ledgers_[index_[run][source]]; }

  const LearnInputs& inputs_;
  std::vector<LedgerEntry> entries_;
  std::vector<std::vector<std::size_t>> index_;  ///< [runs][sources] into ledgers_
  std::deque<Ledger> ledgers_;
};

}  // namespace npo

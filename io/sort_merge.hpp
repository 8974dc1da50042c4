#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "io/sort_block.hpp"
#include "io/spill_file.hpp"

namespace npo {

/// Records that come in key order, one after the other.
class SortedRun {
 public:
  virtual ~SortedRun() = default;
  /// The next record, or null at the end; the pointer lives until the next call.
  virtual const std::byte* next() = 0;
};

/// A sorted block in memory, which must outlive the run.
std::unique_ptr<SortedRun> run_of(const SortBlock& block);

/// `count` records of a file from `offset` on, read through a buffer of about `buffer_bytes` (at least one
/// record).
std::unique_ptr<SortedRun> run_of(const SpillFile& file, std::uint64_t offset, std::uint64_t count,
                                  std::size_t record_bytes, std::size_t buffer_bytes);

/// Merges runs; equal keys come in the order of the runs.
class SortMerge {
 public:
  SortMerge(std::vector<std::unique_ptr<SortedRun>> runs, std::size_t key_bytes);
  /// The next record over all runs, or null at the end; the pointer lives until the next call.
  const std::byte* next();

 private:
  struct Head {
    KeyPrefix prefix;
    const std::byte* record;
    std::size_t run;
  };
  bool before(const Head& a, const Head& b) const;
  void sink();
  std::vector<std::unique_ptr<SortedRun>> runs_;
  std::size_t key_bytes_;
  std::vector<Head> heap_;  ///< the smallest head first
  bool taken_ = false;      ///< the first head has been handed out
};

}  // namespace npo

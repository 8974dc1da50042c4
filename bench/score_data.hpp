#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "kernels/join_state.hpp"
#include "kernels/score_batch.hpp"

namespace npo::bench {

/// A zeroed array of DRAM size on huge pages where the system grants them.
template <class T>
class BigArray {
 public:
  explicit BigArray(std::size_t size) : size_(size) {
    data_ = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
    madvise(data_, bytes(), MADV_HUGEPAGE);
  }
  ~BigArray() { munmap(data_, bytes()); }
  BigArray(const BigArray&) = delete;
  T* data() { return static_cast<T*>(data_); }
  const T* data() const { return static_cast<const T*>(data_); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }
  std::span<T> span() { return {data(), size_}; }
  std::span<T> part(std::size_t first, std::size_t count) { return span().subspan(first, count); }

 private:
  std::size_t size_;
  void* data_;
};

/// A night to score: rows of uniform features in (-1, 1), 200 fleets, 8 guardrail columns of which each is
/// hit by one row in 40, and a state that knows every row.
struct ScoreData {
  ScoreData(std::size_t rows, std::size_t dim);
  ScorePlan plan() const;
  /// Rows [first, first + count) with corrections `carried`, into the arrays of this night.
  RowInputs inputs(std::size_t first, std::size_t count, std::span<const float> carried);
  RowOutputs outputs(std::size_t first, std::size_t count);
  IdView ids_view(std::size_t first, std::size_t count) const;
  /// Bytes that a row brings in (features, fleet, id, state's id and value) and takes out.
  std::size_t bytes_per_row() const;

  std::size_t rows, dim;
  BigArray<float> features, state_values;
  BigArray<std::uint32_t> fleet;
  BigArray<std::uint64_t> ids, state_ids;
  BigArray<float> base_score, score, p_surfaced;
  BigArray<std::uint64_t> mask;
  BigArray<std::uint8_t> arm, decision;
  std::vector<float> weights, thresholds, surface_probability;
  std::vector<std::uint8_t> fleet_arm;
  std::vector<IntervalRule> rules;
};

/// Joins and scores the whole night in batches on one thread.
void join_and_score(ScoreData& data, std::size_t batch, SimdLevel level);

/// Scores the whole night in batches with corrections that are already joined.
void score_only(ScoreData& data, std::size_t batch, SimdLevel level);

/// Moves what `join_and_score` moves, in its order - ids and state in batches, then features and fleets in
/// blocks whose outputs are written past the cache - and computes nothing.
std::uint64_t move_only(ScoreData& data, std::size_t batch);

/// Reads `bytes` with plain vector loads: the limit that the memory sets.
std::uint64_t pure_read(const void* data, std::size_t bytes);

}  // namespace npo::bench

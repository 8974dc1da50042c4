#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/parallel_for.hpp"
#include "kernels/simd_level.hpp"

/// The Poisson bootstrap (Oza and Russell 2001; Chamandy et al. 2012): in replicate b a unit counts K times,
/// K ~ Poisson(1), independently of all others. K is a pure function of (seed, unit key, b), so replicates
/// need no order, no memory and no resampling; sums of integers times K are integers, so every cut, thread
/// count, SIMD level and device gives the same bits.
///
/// Units with equal keys have equal counts. Rows that carry their cluster's key (a scenario, a run) are
/// therefore resampled as whole clusters, whether or not they were folded to one row first; folding only
/// saves time. Totals of any metric made of sums come out of one pass: hand in the summands as columns (true
/// positives, false positives, loss, weight times reward, weight, ...), form the metric from each replicate's
/// totals, and take the interval (host/intervals.hpp).
namespace npo {

inline constexpr std::uint32_t max_bootstrap_replicates = 1u << 16;

/// How often the unit counts in replicate `replicate` < max_bootstrap_replicates: the definition. The count's
/// law is Poisson(1) to 2^-48, so it never exceeds 16.
int poisson_count(std::uint64_t seed, std::uint64_t key, std::uint32_t replicate);

/// round(x 2^fraction_bits), ties to even, for every x. Error(bad_data) names the first row, counted from
/// first_row, that is not a number or exceeds 2^(58 - fraction_bits).
std::vector<std::int64_t> to_bootstrap_column(std::span<const double> values, int fraction_bits,
                                              std::uint64_t first_row = 0);

struct BootstrapPlan {
  std::uint64_t seed = 0;
  std::uint32_t replicates = 1000;  ///< B, up to max_bootstrap_replicates; multiples of 128 waste nothing
  std::size_t columns = 1;
  std::size_t segments = 1;  ///< fleets or other groups with totals of their own
};

/// A batch of units. Time grows with units, replicates and the digits of the values: a column costs one
/// integer product a draw for each 15 bits that its largest value needs in a stretch of 2048 units.
struct BootstrapUnits {
  std::span<const std::uint64_t> key;  ///< [units]; empty: unit i has the key first_key + i
  std::uint64_t first_key = 0;
  std::size_t units = 0;                   ///< used where `key` is empty
  std::span<const std::uint32_t> segment;  ///< [units] below plan.segments; empty: all in segment 0
  std::vector<std::span<const std::int64_t>> columns;  ///< [plan.columns][units]
};

/// Totals of every column, as observed and in every replicate, for each segment.
class BootstrapSums {
 public:
  explicit BootstrapSums(const BootstrapPlan& plan);

  /// Adds a batch; any cut into batches gives the same totals. Error(bad_data) when a segment lies outside
  /// the plan or when the absolute values of a column may add up to more than 2^58 (use fewer fraction bits).
  void add(const BootstrapUnits& batch, SimdLevel level, const ParallelFor& parallel = serial_for);
  /// The same on a CUDA device. Error(device) when it cannot be used.
  void add_on_device(const BootstrapUnits& batch, int device);
  /// Adds the totals of other units under the same plan; Error(internal) when the plans differ.
  void merge(const BootstrapSums& part);

  const BootstrapPlan& plan() const { return plan_; }
  /// The plain total: every unit counted once.
  std::int64_t observed(std::size_t segment, std::size_t column) const {
    return observed_[segment * plan_.columns + column];
  }
  /// [replicates] totals.
  std::span<const std::int64_t> replicates(std::size_t segment, std::size_t column) const {
    return std::span(totals_).subspan((segment * plan_.columns + column) * plan_.replicates,
                                      plan_.replicates);
  }
  /// Adds up all segments: the totals of one segment that holds every unit.
  BootstrapSums overall() const;

 private:
  /// Checks the batch and adds what it holds, each unit counted once.
  void add_observed(const BootstrapUnits& batch);
  void check_magnitude(std::size_t column) const;

  BootstrapPlan plan_;
  std::vector<std::int64_t> observed_;    ///< [segments][columns]
  std::vector<std::int64_t> totals_;      ///< [segments][columns][replicates]
  std::vector<std::uint64_t> magnitude_;  ///< [columns] sum of |value|, saturating
};

/// One row for each (segment, key): the columns of its rows added up, ascending by segment, then key.
struct FoldedClusters {
  std::vector<std::uint64_t> key;
  std::vector<std::uint32_t> segment;              ///< empty where none was given
  std::vector<std::vector<std::int64_t>> columns;  ///< [columns][clusters]
  /// As a batch; valid as long as this object.
  BootstrapUnits units() const;
};
FoldedClusters fold_clusters(const BootstrapUnits& rows);

}  // namespace npo

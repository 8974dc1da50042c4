#pragma once
#include <cstdint>

#include "host/night_plan.hpp"
#include "host/run_context.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"

namespace npo {

/// Scores rows [first, first + count) of a night: reads them, joins them with the state, runs the kernel
/// batch by batch. A shard's result depends on no other shard. Checks on the way: ids ascend without
/// duplicates (also against the row before the shard), fleet codes are known, features are finite (unless the
/// policy blocks such rows); Error(bad_data) names the row. Thread-safe.
class ShardScorer {
 public:
  ShardScorer(const ScenarioFile& scenarios, const NightPlan& plan, const StateSnapshot& state,
              const RunContext& context);

  /// Fills `out`; returns how many rows carried a learned correction.
  std::uint64_t score(std::uint64_t first, std::uint64_t count, DecisionRows& out) const;

 private:
  struct Piece;
  void check_ids(const std::vector<std::uint64_t>& words, std::uint64_t first, std::size_t count) const;
  void check_fleets(std::span<const std::uint32_t> fleet, std::uint64_t first) const;
  std::uint64_t join(const std::vector<std::uint64_t>& words, std::size_t count,
                     std::vector<float>& carried) const;
  void draw_per_scenario(const std::vector<std::uint64_t>& words, std::span<const std::uint32_t> fleet,
                         std::span<std::uint8_t> arm) const;
  [[noreturn]] void report_bad_row(std::uint64_t night_row) const;

  const ScenarioFile& scenarios_;
  const NightPlan& plan_;
  const StateSnapshot& state_;
  const RunContext& context_;
};

}  // namespace npo

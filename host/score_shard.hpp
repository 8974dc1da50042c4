#pragma once
#include <cstdint>

#include "host/night_plan.hpp"
#include "host/run_context.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"
#include "kernels/prepared_score.hpp"

namespace npo {

/// What scoring a shard fills. One after the other may use it, which keeps its memory warm.
struct ShardRows {
  DecisionRows decisions;
  std::uint64_t carried_rows = 0;  ///< rows that carried a learned correction

  std::vector<std::uint64_t> ids;  ///< words (kernels/join_state.hpp)
  std::vector<float> carried;      ///< corrections or scores of the state; empty when no row has one
  std::vector<std::uint64_t> preset;
  std::vector<std::uint8_t> row_arm;
};

/// Scores rows [first, first + count) of a night: reads them, joins them with the state, runs the kernel
/// batch by batch. A shard's result depends on no other shard. Checks on the way: ids ascend without
/// duplicates (also against the row before the shard), fleet codes are known, features are finite (unless the
/// policy blocks such rows); Error(bad_data) names the row. Thread-safe.
class ShardScorer {
 public:
  ShardScorer(const ScenarioFile& scenarios, const NightPlan& plan, const StateSnapshot& state,
              const RunContext& context);

  void score(std::uint64_t first, std::uint64_t count, ShardRows& out) const;

 private:
  /// Reads ids, fleets and what the kernel takes beside features.
  void prepare(std::uint64_t first, std::uint64_t count, ShardRows& out) const;
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
  const PreparedScore score_;
};

}  // namespace npo

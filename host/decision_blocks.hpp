#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "host/id_join.hpp"
#include "io/decision_run.hpp"

/// Walking over the decisions of runs, block by block.
namespace npo {

/// The runs of some folders, in the order of (round, night, run id). Error(usage) when none is given, or one
/// twice.
std::vector<std::unique_ptr<DecisionRun>> open_runs(const std::vector<std::filesystem::path>& folders);

inline constexpr std::uint64_t decision_block_rows = 65536;

/// Rows [first, first + decisions.size()) of a run.
struct DecisionBlock {
  std::uint64_t first;
  std::vector<std::uint8_t> decisions;
  IdList ids;
};

/// Calls visit(block) for all rows of a run in order.
template <class Visit>
void for_each_block(const DecisionRun& run, const Visit& visit) {
  DecisionRun::Want want;
  want.ids = want.decision = true;
  const IdType type = run.identity().id;
  for (std::uint64_t first = 0; first < run.rows(); first += decision_block_rows) {
    DecisionRows rows = run.read(first, std::min(decision_block_rows, run.rows() - first), want);
    visit(DecisionBlock{first, std::move(rows.decision), padded_ids(type, rows.ids, type)});
  }
}

}  // namespace npo

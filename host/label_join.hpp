#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "host/night_index.hpp"
#include "io/decision_run.hpp"
#include "io/scenario_file.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {

/// Joins the decisions of a run with what happened, by night and id. Where the labels' night has the same ids
/// in the same rows it is a comparison of bytes; otherwise a merge. Thread-safe.
class LabelJoin {
 public:
  /// Error(usage) when the labels lack the run's night, Error(bad_data) when the file is not labelled or its
  /// ids are of the other kind (numbers, text).
  LabelJoin(const DecisionRun& run, const ScenarioFile& labels, std::optional<UnixSeconds> as_of);

  static constexpr std::uint64_t absent = NightIndex::absent;

  struct Block {
    DecisionRows decisions;             ///< ids and what was asked for
    std::vector<std::uint64_t> row;     ///< row of the label file, or `absent`
    std::vector<std::uint8_t> outcome;  ///< Label; unknown where it was not known by as_of
  };
  /// Rows [first, first + count) of the run.
  Block read(std::uint64_t first, std::uint64_t count, DecisionRun::Want want) const;

 private:
  bool find_aligned(std::uint64_t first, Block& block) const;
  void find_by_merge(Block& block) const;
  void find_outcomes(Block& block) const;

  const DecisionRun& run_;
  const ScenarioFile& labels_;
  std::optional<UnixSeconds> as_of_;
  NightIndex night_;
};

}  // namespace npo

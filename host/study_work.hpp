#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "host/run_context.hpp"
#include "host/study_file.hpp"
#include "host/study_plan.hpp"
#include "kernels/study_run.hpp"
#include "kernels/study_tally.hpp"

/// Doing the work of a study: blocks of replicates to tallies, on all threads.
namespace npo {

/// A study with its points ready for the kernels.
class StudyWork {
 public:
  StudyWork(const Study& study, const RunContext& context);

  const Study& study() const { return study_; }
  const std::vector<PointGroup>& groups() const { return groups_; }
  StudyTally empty_tally(std::uint64_t point) const;
  /// Simulates a block of replicates of a point.
  void simulate(std::uint64_t point, ReplicateRange replicates, StudyBlock& block) const;
  StudySeed seed_of(std::uint64_t point) const;
  const StudyPoint& point(std::uint64_t index) const { return points_[index]; }

  using Tallies = std::map<std::uint64_t, StudyTally>;  ///< by point
  /// Calls `finished` once for every piece of the round for which `wanted` says so, on any thread, and tells
  /// progress how many replicates are done. Error(interrupted) when asked to stop.
  void run(const StudyRound& round, const std::function<bool(std::uint64_t piece)>& wanted,
           const std::function<void(std::uint64_t piece, const Tallies&)>& finished) const;

  /// Replicates simulated for a unit of a group: all its points meet them.
  std::uint64_t replicates_in(const StudyRound::Unit& unit) const {
    return unit.count * groups_[unit.group].points.size();
  }

 private:
  const Study& study_;
  const RunContext& context_;
  std::vector<PointGroup> groups_;
  std::vector<StudyPoint> points_;
};

}  // namespace npo

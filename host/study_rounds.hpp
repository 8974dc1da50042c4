#pragma once
#include <map>
#include <vector>

#include "host/study_plan.hpp"
#include "host/study_work.hpp"
#include "io/study_pieces.hpp"
#include "io/study_results.hpp"

/// The rounds of a study: one, or with a precision trigger one for every doubling of the replicates.
namespace npo {

class StudyRounds {
 public:
  StudyRounds(const StudyWork& work, const StudyShard& shard, StudyPieces& pieces, const RunContext& context);

  /// Simulates what is not done yet. Every piece is then in `pieces`.
  void run();
  /// Replicates that this part will simulate at most, over all points.
  std::uint64_t most_replicates() const;

  /// A point's tally over all rounds.
  StudyTally tally_of(std::uint64_t point) const;
  /// First replicate of the point in this part.
  std::uint64_t first_replicate(std::uint64_t point) const;
  StudyStop stop_of(std::uint64_t point) const;

 private:
  void run_round(const StudyRound& round, std::uint64_t number);
  /// Adds to what is known of the watched metric and shows it.
  void look_at(const StudyTally& tally, std::uint64_t point);
  std::vector<std::size_t> still_imprecise(const std::vector<std::size_t>& active);

  const StudyWork& work_;
  StudyShard shard_;
  StudyPieces& pieces_;
  const RunContext& context_;
  std::vector<std::size_t> group_of_;  ///< by point
  std::vector<std::size_t> active_;    ///< groups of the first round
  std::vector<StudyRound> rounds_;
  std::string watched_metric_;  ///< of the precision trigger, else of the first claim
  std::uint32_t watched_at_;
  std::map<std::uint64_t, StudyTally> watched_;  ///< by point: that metric at that checkpoint
  std::vector<bool> precise_;                    ///< by group
};

}  // namespace npo

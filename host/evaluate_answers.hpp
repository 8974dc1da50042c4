#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/metrics.hpp"
#include "host/run_context.hpp"
#include "io/decision_run.hpp"

namespace npo {

/// Events of feedback files that answer one run, as they stand at a time: for each decision and source the
/// first answer counts unless it was retracted, then the next one (as `npo learn` takes them). Events are
/// ordered by (time, event id, kind). Answers to blocked decisions are not counted.
class AnswerBook {
 public:
  /// Reads all files; `runs` are those evaluated. Events dated after `as_of` are left out. Error(usage) when
  /// no event answers any of the runs; Error(bad_data) names an event of an unknown kind or beyond its run.
  AnswerBook(const std::vector<std::filesystem::path>& files, const std::vector<DecisionRun>& runs,
             std::optional<UnixSeconds> as_of);

  /// Answers to the decisions of runs[index], by the run's fleet codes.
  std::vector<Answers> by_fleet(std::size_t index, const RunContext& context) const;
  /// An answer that stands, one for each decision and source that answered.
  struct Standing {
    std::uint64_t row;
    std::uint8_t kind;  ///< FeedbackKind
  };
  /// Of runs[index], ascending in row.
  const std::vector<Standing>& standing(std::size_t index) const { return standing_[index]; }
  /// Events that answer runs which are not evaluated.
  std::uint64_t elsewhere() const { return elsewhere_; }

 private:
  struct Event {
    std::uint64_t row;
    std::uint32_t source;
    UnixSeconds time;
    std::uint64_t id;
    std::uint8_t kind;
  };
  void read(const std::filesystem::path& path, std::optional<UnixSeconds> as_of);
  void take(const Event& event, const std::string& run_id, const std::filesystem::path& path,
            std::uint64_t index);
  static std::vector<Standing> settle(std::vector<Event> events);

  const std::vector<DecisionRun>& runs_;
  std::map<std::string, std::size_t> run_index_;
  std::map<std::string, std::uint32_t> source_index_;
  std::vector<std::vector<Event>> events_;       ///< by run, until they are settled
  std::vector<std::vector<Standing>> standing_;  ///< by run, ascending in row
  std::uint64_t here_ = 0, elsewhere_ = 0;
};

}  // namespace npo

#include "host/evaluate_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "io/feedback_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_events = 1 << 16;
constexpr std::uint64_t answered_rows = 16 * tile_rows;

}  // namespace

AnswerBook::AnswerBook(const std::vector<std::filesystem::path>& files, const std::vector<DecisionRun>& runs,
                       std::optional<UnixSeconds> as_of)
    : runs_(runs), events_(runs.size()) {
  for (std::size_t i = 0; i < runs.size(); ++i) run_index_.emplace(runs[i].run_id(), i);
  for (const auto& path : files) read(path, as_of);
  if (here_ == 0)
    throw Error(ErrorKind::usage, "no event of the feedback files answers any of the runs given",
                "give the decisions that were answered, or leave --feedback out");
  for (auto& of_run : events_) standing_.push_back(settle(std::move(of_run)));
  events_.clear();
}

void AnswerBook::read(const std::filesystem::path& path, std::optional<UnixSeconds> as_of) {
  const FeedbackFile file(path);
  std::vector<std::uint32_t> sources;  // codes across files
  for (const std::string& name : file.sources())
    sources.push_back(
        source_index_.emplace(name, static_cast<std::uint32_t>(source_index_.size())).first->second);
  for (std::uint64_t first = 0; first < file.rows(); first += piece_events) {
    const std::uint64_t count = std::min(piece_events, file.rows() - first);
    const FeedbackFile::Columns columns = file.read(first, count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint32_t run = columns.run.as<std::uint32_t>()[i];
      const std::uint16_t source = columns.source.as<std::uint16_t>()[i];
      const std::uint8_t kind = columns.kind.as<std::uint8_t>()[i];
      if (run >= file.runs().size() || source >= sources.size() || kind >= kind_count)
        throw Error(ErrorKind::bad_data,
                    fmt::format("{}: event {} has an unknown run, source or kind", path.string(), first + i),
                    "run `npo validate` on the file");
      const Event event{.row = columns.row.as<std::uint64_t>()[i],
                        .source = sources[source],
                        .time = columns.time.as<UnixSeconds>()[i],
                        .id = columns.id.as<std::uint64_t>()[i],
                        .kind = kind};
      if (!as_of || event.time <= *as_of) take(event, file.runs()[run], path, first + i);
    }
  }
}

void AnswerBook::take(const Event& event, const std::string& run_id, const std::filesystem::path& path,
                      std::uint64_t index) {
  const auto run = run_index_.find(run_id);
  if (run == run_index_.end()) {
    ++elsewhere_;
    return;
  }
  if (event.row >= runs_[run->second].rows())
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: event {} answers row {} of run {}, which has {} rows", path.string(), index,
                            event.row, run_id, runs_[run->second].rows()),
                "give the feedback of these decisions");
  ++here_;
  events_[run->second].push_back(event);
}

/// Runs through each (row, source) in the order of time, as the learner's ledger does.
std::vector<AnswerBook::Standing> AnswerBook::settle(std::vector<Event> events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.row, a.source, a.time, a.id, a.kind) < std::tie(b.row, b.source, b.time, b.id, b.kind);
  });
  std::vector<Standing> standing;
  for (std::size_t i = 0; i < events.size();) {
    const std::uint64_t row = events[i].row;
    const std::uint32_t source = events[i].source;
    std::optional<std::uint8_t> answer;
    for (; i < events.size() && events[i].row == row && events[i].source == source; ++i) {
      if (events[i].kind == static_cast<std::uint8_t>(FeedbackKind::retract))
        answer.reset();
      else if (!answer)
        answer = events[i].kind;
    }
    if (answer) standing.push_back({row, *answer});
  }
  return standing;
}

std::vector<Answers> AnswerBook::by_fleet(std::size_t index, const RunContext& context) const {
  const DecisionRun& run = runs_[index];
  std::vector<Answers> fleets(run.identity().fleets.size());
  const auto& standing = standing_[index];
  for (std::size_t i = 0; i < standing.size();) {
    context.check_stop();
    const std::uint64_t first = standing[i].row / answered_rows * answered_rows;
    const std::uint64_t count = std::min(answered_rows, run.rows() - first);
    const DecisionRows rows = run.read(first, count, {.fleet = true, .decision = true});
    for (; i < standing.size() && standing[i].row < first + count; ++i) {
      const std::size_t at = standing[i].row - first;
      Answers& answers = fleets.at(rows.fleet[at]);
      if (rows.decision[at] == static_cast<std::uint8_t>(Decision::surfaced))
        ++answers.surfaced[standing[i].kind];
      if (rows.decision[at] == static_cast<std::uint8_t>(Decision::withheld))
        ++answers.withheld[standing[i].kind];
    }
  }
  return fleets;
}

}  // namespace npo

#include "host/evaluate_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "host/baseline_rule.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t block_rows = 16 * tile_rows;

std::size_t index_of(std::uint8_t outcome) {
  return outcome <= 1 ? outcome : 2;
}

/// Alarms of one block: ours on surfaced rows, the rule's where it fires; both on matured rows alone.
void find_alarms(const LabelJoin::Block& block, const ScenarioFile& labels, const BaselineRule& rule,
                 std::uint64_t first, RunOutcomes& found) {
  const auto matured = [&](std::size_t i) {
    return block.outcome[i] != static_cast<std::uint8_t>(Label::unknown);
  };
  std::uint64_t low = LabelJoin::absent, high = 0;
  for (std::size_t i = 0; i < block.row.size(); ++i)
    if (matured(i)) low = std::min(low, block.row[i]), high = block.row[i];
  if (low == LabelJoin::absent) return;
  const RowWindow window = labels.features(low, high - low + 1);
  const auto features = window.as<float>();
  for (std::size_t i = 0; i < block.row.size(); ++i) {
    if (!matured(i)) continue;
    const bool happened = block.outcome[i] == static_cast<std::uint8_t>(Label::yes);
    if (block.decisions.decision[i] == static_cast<std::uint8_t>(Decision::surfaced))
      found.ours.push_back({static_cast<double>(block.decisions.score[i]), 0.0, first + i, happened});
    const auto row = features.subspan((block.row[i] - low) * labels.dim(), labels.dim());
    if (const int terms = rule.satisfied(row); terms > 0)
      found.rule.push_back({static_cast<double>(terms), rule.strength(row), first + i, happened});
  }
}

void count_block(const LabelJoin::Block& block, const DecisionRun& run, std::uint64_t first,
                 RunOutcomes& found) {
  for (std::size_t i = 0; i < block.row.size(); ++i) {
    const std::uint32_t fleet = block.decisions.fleet[i];
    const std::uint8_t decision = block.decisions.decision[i];
    if (fleet >= found.fleets.size() || decision >= decision_count)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: row {} has fleet code {} and decision {}, which the run does not know",
                              run.folder().string(), first + i, fleet, decision),
                  "score the night again");
    ++found.fleets[fleet].count[decision][index_of(block.outcome[i])];
    found.unknown_scenarios += block.row[i] == LabelJoin::absent;
  }
}

void merge(const RunOutcomes& part, RunOutcomes& total) {
  total.unknown_scenarios += part.unknown_scenarios;
  for (std::size_t f = 0; f < part.fleets.size(); ++f)
    for (std::size_t d = 0; d < part.fleets[f].count.size(); ++d)
      for (std::size_t o = 0; o < 3; ++o) total.fleets[f].count[d][o] += part.fleets[f].count[d][o];
}

}  // namespace

std::uint64_t OutcomeCounts::at(Decision decision, Label outcome) const {
  return count[static_cast<std::size_t>(decision)][index_of(static_cast<std::uint8_t>(outcome))];
}

std::uint64_t OutcomeCounts::rows() const {
  std::uint64_t sum = 0;
  for (const auto& row : count) sum = std::accumulate(row.begin(), row.end(), sum);
  return sum;
}

std::uint64_t OutcomeCounts::immature() const {
  return count[0][2] + count[1][2] + count[2][2];
}

Confusion OutcomeCounts::confusion() const {
  return {.true_positive = at(Decision::surfaced, Label::yes),
          .false_positive = at(Decision::surfaced, Label::no),
          .false_negative = at(Decision::withheld, Label::yes) + at(Decision::blocked, Label::yes),
          .true_negative = at(Decision::withheld, Label::no) + at(Decision::blocked, Label::no),
          .blocked_positive = at(Decision::blocked, Label::yes),
          .blocked_negative = at(Decision::blocked, Label::no)};
}

Answers OutcomeCounts::hindsight() const {
  constexpr auto like = static_cast<std::size_t>(FeedbackKind::like);
  constexpr auto override_decision = static_cast<std::size_t>(FeedbackKind::override_decision);
  Answers answers;
  answers.surfaced[like] = at(Decision::surfaced, Label::yes);
  answers.surfaced[override_decision] = at(Decision::surfaced, Label::no);
  answers.withheld[override_decision] = at(Decision::withheld, Label::yes);
  answers.withheld[like] = at(Decision::withheld, Label::no);
  return answers;
}

RunOutcomes count_outcomes(const DecisionRun& run, const ScenarioFile& labels,
                           std::optional<UnixSeconds> as_of, const BaselineRule* rule,
                           const RunContext& context) {
  const LabelJoin join(run, labels, as_of);
  RunOutcomes total;
  total.fleets.resize(run.identity().fleets.size());
  const std::uint64_t blocks = (run.rows() + block_rows - 1) / block_rows;
  std::vector<RunOutcomes> alarms(rule ? blocks : 0);
  std::mutex merging;
  parallel_for(context.threads, blocks, [&](std::uint64_t b) {
    context.check_stop();
    const std::uint64_t first = b * block_rows, count = std::min(block_rows, run.rows() - first);
    const auto block = join.read(first, count, {.fleet = true, .score = rule != nullptr});
    RunOutcomes part;
    part.fleets.resize(total.fleets.size());
    count_block(block, run, first, part);
    if (rule) find_alarms(block, labels, *rule, first, alarms[b]);
    context.report().advance(count);
    const std::lock_guard lock(merging);
    merge(part, total);
  });
  for (const RunOutcomes& part : alarms) {
    total.ours.insert(total.ours.end(), part.ours.begin(), part.ours.end());
    total.rule.insert(total.rule.end(), part.rule.begin(), part.rule.end());
  }
  return total;
}

}  // namespace npo

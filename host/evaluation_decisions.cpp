#include "host/evaluation_decisions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/label_join.hpp"
#include "host/policy.hpp"
#include "io/digest.hpp"

namespace npo {
namespace {

constexpr std::uint64_t block_rows = 16 * tile_rows;
constexpr auto no_label = static_cast<std::uint8_t>(Label::unknown);

/// Keys of stored ids: a number is its own, a text its hash.
std::vector<std::uint64_t> keys_of(IdType type, std::span<const std::byte> ids) {
  const auto words = id_words(type, ids);
  if (type.words() == 1) return words;
  std::vector<std::uint64_t> keys;
  for (std::size_t at = 0; at < ids.size(); at += type.bytes)
    keys.push_back(digest_bytes(ids.subspan(at, type.bytes)).lo);
  return keys;
}

/// What one run's policy makes of an answer.
struct AnswerRules {
  TargetTable target;
  std::vector<double> loss;

  AnsweredRow answer(std::uint8_t decision, std::uint8_t kind, float score) const {
    AnsweredRow row{.decision = decision, .kind = kind, .loss = static_cast<float>(loss[kind])};
    const float y = target.y[decision == static_cast<std::uint8_t>(Decision::surfaced)][kind];
    row.updates = y >= 0.0f;
    if (row.updates) row.error = (y - score) * (y - score);
    return row;
  }
};

/// The answer that an outcome implies (spec section 3, hindsight).
std::uint8_t implied(std::uint8_t decision, std::uint8_t outcome) {
  const bool right = (decision == static_cast<std::uint8_t>(Decision::surfaced)) == (outcome == 1);
  return static_cast<std::uint8_t>(right ? FeedbackKind::like : FeedbackKind::override_decision);
}

struct RunBlock {
  EvaluationRows rows;
  std::vector<AnsweredRow> answers;
  std::vector<std::uint64_t> unknown_of_fleet;
  std::uint64_t unscored = 0;
};

class Collector {
 public:
  Collector(const std::vector<DecisionRun>& runs, const ScenarioFile& labels,
            std::optional<UnixSeconds> as_of, const AnswerBook* feedback, const RunContext& context)
      : runs_(runs), labels_(labels), as_of_(as_of), feedback_(feedback), context_(context) {
    NameTable fleets("fleet", most_groups);
    for (const DecisionRun& run : runs)
      for (const std::string& name : run.identity().fleets) fleets.code(name);
    fleets.sort();
    all_.fleets = fleets.names();
    all_.known.groupings.emplace_back("night", true);
    all_.known.groupings.emplace_back("fleet");
    for (std::size_t i = 0; i < runs.size(); ++i) all_.known.groupings[0].names.code(fmt::format("{:06}", i));
    for (const std::string& name : all_.fleets) all_.known.groupings[1].names.code(name);
    all_.known.unknown_by_group = {std::vector<std::uint64_t>(runs.size(), 0),
                                   std::vector<std::uint64_t>(all_.fleets.size(), 0)};
    all_.known.rows.group.resize(2);
  }

  KnownDecisions collect() {
    for (std::uint32_t i = 0; i < runs_.size(); ++i) collect_run(i);
    if (all_.unscored == 0) all_.known.rows.unscored.clear();
    return std::move(all_);
  }

 private:
  void collect_run(std::uint32_t index) {
    const DecisionRun& run = runs_[index];
    const Policy policy = policy_from_json(run.identity().policy_json, run.folder().string());
    const AnswerRules rules{target_table(policy), loss_table(policy)};
    std::vector<std::uint32_t> fleet_code;
    for (const std::string& name : run.identity().fleets)
      fleet_code.push_back(static_cast<std::uint32_t>(
          std::lower_bound(all_.fleets.begin(), all_.fleets.end(), name) - all_.fleets.begin()));
    const LabelJoin join(run, labels_, as_of_);
    const std::uint64_t blocks = (run.rows() + block_rows - 1) / block_rows;
    std::vector<RunBlock> found(blocks);
    parallel_for(context_.threads, blocks, [&](std::uint64_t b) {
      context_.check_stop();
      const std::uint64_t first = b * block_rows, count = std::min(block_rows, run.rows() - first);
      read_block(join.read(first, count, {.fleet = true, .score = true}), index, rules, fleet_code, found[b]);
      context_.report().advance(count);
    });
    for (RunBlock& block : found) take(index, block);
    if (feedback_) answered(index, rules, fleet_code);
  }

  void read_block(const LabelJoin::Block& block, std::uint32_t index, const AnswerRules& rules,
                  const std::vector<std::uint32_t>& fleet_code, RunBlock& found) const {
    const DecisionRun& run = runs_[index];
    const auto keys = keys_of(run.identity().id, block.decisions.ids);
    found.unknown_of_fleet.resize(all_.fleets.size(), 0);
    found.rows.group.resize(2);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint32_t fleet = fleet_code.at(block.decisions.fleet[i]);
      if (block.outcome[i] == no_label) {
        ++found.unknown_of_fleet[fleet];
        continue;
      }
      const bool unscored = !std::isfinite(block.decisions.score[i]);
      const float score = unscored ? 0.0f : block.decisions.score[i];
      found.unscored += unscored;
      found.rows.score.push_back(score);
      found.rows.unscored.push_back(unscored);
      found.rows.label.push_back(block.outcome[i]);
      found.rows.decision.push_back(block.decisions.decision[i]);
      found.rows.cluster.push_back(keys[i]);
      found.rows.time.push_back(run.identity().night);
      found.rows.group[0].push_back(index);
      found.rows.group[1].push_back(fleet);
      const std::uint8_t decision = block.decisions.decision[i];
      if (feedback_ || decision == static_cast<std::uint8_t>(Decision::blocked)) continue;
      AnsweredRow answer = rules.answer(decision, implied(decision, block.outcome[i]), score);
      answer.key = keys[i], answer.run = index, answer.fleet = fleet;
      found.answers.push_back(answer);
    }
  }

  void take(std::uint32_t index, const RunBlock& block) {
    KnownRows& known = all_.known;
    for (std::size_t i = 0; i < block.rows.size(); ++i) known.rows.append(block.rows, i);
    for (std::size_t f = 0; f < block.unknown_of_fleet.size(); ++f) {
      known.unknown += block.unknown_of_fleet[f];
      known.unknown_by_group[0][index] += block.unknown_of_fleet[f];
      known.unknown_by_group[1][f] += block.unknown_of_fleet[f];
    }
    all_.answers.insert(all_.answers.end(), block.answers.begin(), block.answers.end());
    all_.unscored += block.unscored;
  }

  /// Answers of people, read beside the decisions they answer.
  void answered(std::uint32_t index, const AnswerRules& rules, const std::vector<std::uint32_t>& fleet_code) {
    const DecisionRun& run = runs_[index];
    const auto standing = feedback_->standing(index);
    for (std::size_t i = 0; i < standing.size();) {
      context_.check_stop();
      const std::uint64_t first = standing[i].row / block_rows * block_rows;
      const std::uint64_t count = std::min(block_rows, run.rows() - first);
      const DecisionRows rows =
          run.read(first, count, {.ids = true, .fleet = true, .score = true, .decision = true});
      const auto keys = keys_of(run.identity().id, rows.ids);
      for (; i < standing.size() && standing[i].row < first + count; ++i) {
        const std::size_t at = standing[i].row - first;
        if (rows.decision[at] == static_cast<std::uint8_t>(Decision::blocked)) continue;
        AnsweredRow answer = rules.answer(rows.decision[at], standing[i].kind, rows.score[at]);
        answer.key = keys[at], answer.run = index, answer.fleet = fleet_code.at(rows.fleet[at]);
        all_.answers.push_back(answer);
      }
    }
  }

  const std::vector<DecisionRun>& runs_;
  const ScenarioFile& labels_;
  std::optional<UnixSeconds> as_of_;
  const AnswerBook* feedback_;
  const RunContext& context_;
  KnownDecisions all_;
};

}  // namespace

KnownDecisions collect_decisions(const std::vector<DecisionRun>& runs, const ScenarioFile& labels,
                                 std::optional<UnixSeconds> as_of, const AnswerBook* feedback,
                                 const RunContext& context) {
  return Collector(runs, labels, as_of, feedback, context).collect();
}

}  // namespace npo

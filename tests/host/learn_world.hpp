#pragma once
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/learn_run.hpp"
#include "host/policy.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"
#include "io/state_store.hpp"
#include "kernels/philox.hpp"
#include "tests/io/temporary_folder.hpp"

/// A small world for the tests of learning: runs of decisions, feedback about them and a state, all in one
/// folder.
namespace npo::test {

inline std::uint32_t word_of(std::uint64_t entity, std::uint32_t step) {
  return philox(philox_counter(RandomPurpose::test, entity, step, 0), 11).word[0];
}

/// One run over integer ids. Values are functions of (id, night).
struct RunSpec {
  std::uint32_t night = 1;  ///< days; the round is night - 1
  std::vector<std::uint64_t> ids;
  std::vector<std::string> fleets{"north", "south", "west"};
  std::uint64_t shard_rows = 4096;
};

inline RunIdentity identity_of(const RunSpec& spec, const Policy& policy) {
  RunIdentity identity;
  identity.scenario_path = "scenarios.h5";
  identity.scenario_header = "header" + std::to_string(spec.ids.size());
  identity.night = std::int64_t{spec.night} * seconds_per_day;
  identity.rows = spec.ids.size();
  identity.shard_rows = spec.shard_rows;
  identity.model_digest = "model";
  identity.policy_digest = to_hex(policy_digest(policy));
  identity.policy_json = policy_to_json(policy);
  identity.model_json = "{}";
  identity.state_digest = "state";
  identity.round = spec.night - 1;
  identity.npo_version = "test";
  identity.fleets = spec.fleets;
  identity.thresholds = policy.threshold.arms;
  return identity;
}

inline DecisionRows rows_of(const RunSpec& spec, const RunIdentity& identity, std::uint64_t first,
                            std::uint64_t count) {
  DecisionRows rows;
  rows.resize(count, identity.id);
  std::memcpy(rows.ids.data(), spec.ids.data() + first, count * 8);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t word = word_of(spec.ids[first + i], spec.night);
    rows.fleet[i] = static_cast<std::uint32_t>(spec.ids[first + i] % spec.fleets.size());
    rows.base_score[i] = rows.score[i] = static_cast<float>(word >> 8) * 0x1p-24f;
    rows.p_surfaced[i] = 0.5f;
    rows.decision[i] = static_cast<std::uint8_t>(word % 9 == 0 ? 2 : word & 1);
    rows.arm[i] = static_cast<std::uint8_t>(rows.fleet[i] % identity.thresholds.size());
    rows.mask[i] = 0;
  }
  return rows;
}

/// Writes the run and returns its id.
inline std::string write_run(const std::filesystem::path& folder, const RunSpec& spec, const Policy& policy) {
  const RunIdentity identity = identity_of(spec, policy);
  DecisionRunWriter writer(folder, identity, {0, false}, true, false);
  for (std::uint64_t shard = 0; shard < writer.shards(); ++shard) {
    const std::uint64_t first = shard * spec.shard_rows;
    writer.write_shard(shard,
                       rows_of(spec, identity, first, std::min(spec.shard_rows, identity.rows - first)));
  }
  writer.finish({});
  return identity.run_id();
}

inline void write_feedback(const std::filesystem::path& path, const std::vector<std::string>& runs,
                           const std::vector<FeedbackEvent>& events,
                           const std::vector<std::string>& sources = {"operators"}) {
  FeedbackWriter writer(path, {0, false}, true);
  writer.append(events);
  writer.finish(runs, sources, "{}");
}

/// An answer of source 0 to every row of a run that a coin chooses, in a scrambled order.
inline std::vector<FeedbackEvent> random_answers(std::uint32_t run, const RunSpec& spec) {
  std::vector<FeedbackEvent> events;
  for (std::size_t i = 0; i < spec.ids.size(); ++i) {
    const std::uint64_t row = (i * 7919) % spec.ids.size();
    const std::uint32_t word = word_of(spec.ids[row], 1000 + spec.night);
    if (word % 4 == 0) continue;
    events.push_back({run, row, static_cast<FeedbackKind>((word >> 4) % answer_count),
                      std::int64_t{spec.night} * seconds_per_day + (word >> 16) % 3600, 0, word >> 20});
  }
  return events;
}

inline std::vector<std::uint64_t> every(std::uint64_t step, std::uint64_t count) {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t i = 0; i < count; ++i) ids.push_back(10 + i * step);
  return ids;
}

inline std::string digest_of(const std::filesystem::path& state) {
  return to_hex(StateSnapshot(state).digest());
}

/// A folder with runs a (night 1) and b (night 2), which share every sixth id, and feedback about both.
struct LearnWorld {
  explicit LearnWorld(const Policy& policy_ = {}) : policy(policy_) {
    run_a = write_run(folder / "a", spec_a, policy);
    run_b = write_run(folder / "b", spec_b, policy);
    std::vector<FeedbackEvent> events = random_answers(0, spec_a);
    const std::vector<FeedbackEvent> more = random_answers(1, spec_b);
    events.insert(events.end(), more.begin(), more.end());
    write_feedback(folder / "feedback.h5", {run_a, run_b}, events);
    count = events.size();
  }
  LearnOptions options(const std::string& state = "state.h5") const {
    LearnOptions options;
    options.feedback = {folder / "feedback.h5"};
    options.decisions = {folder / "b", folder / "a"};
    options.state = folder / state;
    options.new_state = true;
    return options;
  }

  TemporaryFolder folder;
  Policy policy;
  RunSpec spec_a{1, every(2, 5000)}, spec_b{2, every(3, 5000)};
  std::string run_a, run_b;
  std::uint64_t count = 0;
};

}  // namespace npo::test

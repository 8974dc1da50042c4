#pragma once
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "io/state_store.hpp"

/// States for tests: every value of a scenario is a function of its number.
namespace npo::test {

inline constexpr IdType integer_id{}, short_text{true, 8}, long_text{true, 16};

/// Words of scenario `number`; numbers below 10^6 give text ids of 8 bytes that ascend.
inline std::vector<std::uint64_t> sample_id(IdType type, std::uint64_t number) {
  if (!type.text) return {3 * number};
  std::string text = std::to_string(1'000'000 + number);
  text.resize(type.bytes);
  std::vector<std::uint64_t> words;
  for (std::size_t at = 0; at < type.bytes; at += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word = word << 8 | static_cast<unsigned char>(text[at + i]);
    words.push_back(word);
  }
  return words;
}

inline StateRows sample_state_rows(IdType type, std::uint64_t first, std::uint64_t count) {
  StateRows rows;
  for (std::uint64_t number = first; number < first + count; ++number) {
    const auto id = sample_id(type, number);
    rows.ids.insert(rows.ids.end(), id.begin(), id.end());
    rows.score.push_back(static_cast<float>(number % 1024) / 1024.0f);
    rows.correction.push_back(static_cast<float>(number % 7) - 3.0f);
    rows.updates.push_back(static_cast<std::uint32_t>(number % 13 + 1));
    rows.steps.push_back(static_cast<std::uint32_t>(number % 5));
    rows.round.push_back(static_cast<std::uint32_t>(number % 3));
  }
  return rows;
}

inline bool equal_rows(const StateRows& a, const StateRows& b) {
  return a.ids == b.ids && a.score == b.score && a.correction == b.correction && a.updates == b.updates &&
         a.steps == b.steps && a.round == b.round;
}

/// A manifest with every field set to something of its own.
inline StateManifest sample_manifest(IdType type = integer_id) {
  StateManifest manifest;
  manifest.round = 12;
  manifest.policy_json = R"({"score":"ü"})";
  manifest.policy_digest = "0123";
  manifest.model_digest = "4567";
  manifest.id = type;
  manifest.id_known = true;
  manifest.thresholds = {0.5f, 0.9f};
  manifest.fleets = {"north", "süd", ""};
  manifest.fraction_bits = 40;
  manifest.successes = {1, -2, 3, 4, 5, std::int64_t{1} << 60};
  manifest.failures = {6, 5, 4, 3, 2, 1};
  for (int i = 0; i < 3 * 2 * decision_count * answer_count; ++i) manifest.lifetime.push_back(i * i);
  manifest.recent = {{10, 86400, std::vector<std::int64_t>(2 * 2 * decision_count * answer_count, 7)},
                     {11, 172800, {}},
                     {12, 259200, std::vector<std::int64_t>(3 * 2 * decision_count * answer_count, 9)}};
  manifest.monitors.resize(3);
  manifest.monitors[1] = {.best_reference = 0.125,
                          .window_start = 3,
                          .last_window_end = 9,
                          .decisions_since_retrain = 100,
                          .alarms = 4,
                          .retrains = 2,
                          .loss = 0.25,
                          .alarm = 1};
  manifest.squared_error_lo = -5;
  manifest.squared_error_hi = 6;
  manifest.updates = 77;
  manifest.late_events = 8;
  return manifest;
}

/// Commits a generation that holds the scenarios [0, scenarios), cut into shards of `shard_rows`, in round
/// `round`.
inline std::uint64_t commit_scenarios(const std::filesystem::path& path, std::uint64_t scenarios,
                                      std::uint64_t shard_rows, std::uint32_t round, int keep = 8) {
  StateTransaction transaction(path, keep);
  StateManifest manifest = transaction.before().manifest();
  manifest.shards.clear();
  manifest.round = round;
  for (std::uint64_t first = 0; first < scenarios; first += shard_rows)
    manifest.shards.push_back(transaction.write_shard(
        sample_state_rows(manifest.id, first, std::min(shard_rows, scenarios - first)), manifest.id));
  return transaction.commit(manifest);
}

}  // namespace npo::test

#pragma once
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "io/decision_run.hpp"

/// Runs of decisions for tests: every value is a function of the global row, so any cut into shards can be
/// checked.
namespace npo::test {

inline RunIdentity sample_identity(std::uint64_t rows, std::uint64_t shard_rows, bool text_ids = false) {
  RunIdentity identity;
  identity.scenario_path = "scenarios.h5";
  identity.scenario_bytes = 123456;
  identity.scenario_mtime_ns = 1'700'000'000'000'000'000;
  identity.scenario_header = "00112233445566778899aabbccddeeff";
  identity.night = 20000 * seconds_per_day;
  identity.rows = rows;
  identity.shard_rows = shard_rows;
  identity.model_digest = "model";
  identity.policy_digest = "policy";
  identity.state_digest = "state";
  identity.seed = 18'000'000'000'000'000'000u;
  identity.round = 7;
  identity.npo_version = "0.1.0";
  identity.policy_json = "{}";
  identity.model_json = "{}";
  identity.id = text_ids ? IdType{true, 16} : IdType{};
  identity.fleets = {"north", "süd", "west"};
  identity.thresholds = {0.5f, 0.7f, 0.9f};
  identity.rules = {"too_young", "in_repair"};
  return identity;
}

inline DecisionRows sample_rows(const RunIdentity& identity, std::uint64_t first, std::uint64_t count) {
  DecisionRows rows;
  rows.resize(count, identity.id);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t row = first + i;
    const std::uint64_t mixed = row * 0x9e3779b97f4a7c15u;
    std::string text = "drive-" + std::to_string(1'000'000 + row);
    text.resize(identity.id.bytes);
    const void* id = identity.id.text ? static_cast<const void*>(text.data()) : &row;
    std::memcpy(rows.ids.data() + i * identity.id.bytes, id, identity.id.bytes);
    rows.fleet[i] = static_cast<std::uint32_t>(row % 3);
    rows.base_score[i] = static_cast<float>(mixed >> 40) * 0x1p-24f;
    rows.score[i] = static_cast<float>((mixed >> 16) & 0xffffff) * 0x1p-24f;
    rows.mask[i] = row % 11 == 0 ? std::uint64_t{1} << nan_bit | 2 : 0;
    rows.decision[i] = rows.mask[i] ? 2 : static_cast<std::uint8_t>(row & 1);
    rows.arm[i] = static_cast<std::uint8_t>(row % 3);
    rows.p_surfaced[i] = rows.mask[i] ? 0.0f : 0.25f;
  }
  return rows;
}

inline DecisionRows sample_shard(const RunIdentity& identity, std::uint64_t shard) {
  const std::uint64_t first = shard * identity.shard_rows;
  return sample_rows(identity, first, std::min(identity.shard_rows, identity.rows - first));
}

/// Writes every shard that is not done and completes the run.
inline void complete_run(DecisionRunWriter& writer, const RunIdentity& identity) {
  for (std::uint64_t shard = 0; shard < writer.shards(); ++shard)
    if (!writer.done(shard)) writer.write_shard(shard, sample_shard(identity, shard));
  writer.finish({{"surfaced", 42}});
}

inline void write_run(const std::filesystem::path& folder, const RunIdentity& identity,
                      h5::Compression compression = {}) {
  DecisionRunWriter writer(folder, identity, compression, false, false);
  complete_run(writer, identity);
}

inline std::string digest_of_run(const std::filesystem::path& folder) {
  return to_hex(digest_decisions(DecisionRun(folder)));
}

inline bool equal_rows(const DecisionRows& a, const DecisionRows& b) {
  return a.ids == b.ids && a.fleet == b.fleet && a.base_score == b.base_score && a.score == b.score &&
         a.p_surfaced == b.p_surfaced && a.decision == b.decision && a.arm == b.arm && a.mask == b.mask;
}

}  // namespace npo::test

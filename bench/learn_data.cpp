#include "bench/learn_data.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "host/policy.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"

namespace npo::bench {
namespace {

namespace fs = std::filesystem;

constexpr h5::Compression plain{0, false};
constexpr std::size_t fleets = 200;

/// A word that looks random (splitmix64).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

RunIdentity identity_of(std::uint32_t run, std::uint64_t rows) {
  const Policy policy;
  RunIdentity identity;
  identity.scenario_path = "scenarios.h5";
  identity.scenario_header = "bench";
  identity.night = (20000 + std::int64_t{run}) * seconds_per_day;
  identity.rows = rows;
  identity.shard_rows = 262144;
  identity.model_digest = "model";
  identity.policy_digest = to_hex(policy_digest(policy));
  identity.policy_json = policy_to_json(policy);
  identity.model_json = "{}";
  identity.state_digest = "state";
  identity.round = run;
  identity.npo_version = "bench";
  for (std::size_t f = 0; f < fleets; ++f) identity.fleets.push_back("fleet-" + std::to_string(f));
  identity.thresholds = policy.threshold.arms;
  return identity;
}

DecisionRows rows_of(const RunIdentity& identity, std::uint64_t first, std::uint64_t count) {
  DecisionRows rows;
  rows.resize(count, identity.id);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t id = 3 * (first + i), word = mixed(id * learn_runs + identity.round);
    std::memcpy(rows.ids.data() + i * 8, &id, 8);
    rows.fleet[i] = static_cast<std::uint32_t>(mixed(id) % fleets);
    rows.base_score[i] = rows.score[i] = static_cast<float>((word >> 8) & 0xffffff) * 0x1p-24f;
    rows.p_surfaced[i] = 0.5f;
    rows.decision[i] = static_cast<std::uint8_t>(word & 1);
    rows.arm[i] = static_cast<std::uint8_t>((rows.fleet[i] + identity.round) % identity.thresholds.size());
    rows.mask[i] = 0;
  }
  return rows;
}

void write_run(const fs::path& folder, const RunIdentity& identity) {
  DecisionRunWriter writer(folder, identity, plain, true, false);
  for (std::uint64_t shard = 0; shard < writer.shards(); ++shard) {
    const std::uint64_t first = shard * identity.shard_rows;
    writer.write_shard(shard, rows_of(identity, first, std::min(identity.shard_rows, identity.rows - first)));
  }
  writer.finish({});
}

FeedbackEvent event_at(std::uint64_t index, std::uint64_t scenarios) {
  const auto run = static_cast<std::uint32_t>(index / scenarios);
  const std::uint64_t row = index % scenarios, word = mixed(index + 0x123456789u);
  return {run,
          row,
          static_cast<FeedbackKind>(word & 3),
          (20000 + std::int64_t{run}) * seconds_per_day + static_cast<UnixSeconds>((word >> 8) % 86400),
          0,
          row};
}

}  // namespace

std::vector<fs::path> write_learn_data(const fs::path& folder, std::uint64_t events) {
  const std::uint64_t scenarios = events / learn_runs, count = scenarios * learn_runs;
  std::vector<fs::path> folders;
  std::vector<std::string> run_ids;
  for (std::uint32_t run = 0; run < learn_runs; ++run) {
    const RunIdentity identity = identity_of(run, scenarios);
    folders.push_back(folder / ("run-" + std::to_string(run)));
    run_ids.push_back(identity.run_id());
    write_run(folders.back(), identity);
  }
  std::uint64_t stride = 7368787;  // a prime: with a count it does not divide, every event is met once
  while (std::gcd(stride, count) != 1) ++stride;
  FeedbackWriter writer(folder / "feedback.h5", plain, true);
  std::vector<FeedbackEvent> piece;
  for (std::uint64_t i = 0; i < count; ++i) {
    piece.push_back(event_at(i * stride % count, scenarios));
    if (piece.size() < 1 << 18 && i + 1 < count) continue;
    writer.append(piece);
    piece.clear();
  }
  writer.finish(run_ids, {"operators"}, "{}");
  return folders;
}

}  // namespace npo::bench

#pragma once
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/policy.hpp"
#include "io/decision_run.hpp"
#include "kernels/vocabulary.hpp"
#include "tests/host/fit_samples.hpp"

namespace npo::test {

/// A decision by hand.
struct Row {
  std::uint64_t id;
  Decision decision;
  std::uint32_t fleet = 0;
  float score = 0.5f;
};

/// Writes a complete run of these decisions, in fleets "north" and "south".
inline void write_decisions(const std::filesystem::path& folder, int of_night, const std::vector<Row>& rows) {
  RunIdentity identity;
  identity.scenario_path = "scenarios.h5";
  identity.night = night(of_night);
  identity.rows = rows.size();
  identity.shard_rows = 2 * tile_rows;
  identity.npo_version = "0.1.0";
  identity.policy_json = policy_to_json(Policy{});
  identity.model_json = "{}";
  identity.fleets = {"north", "south"};
  identity.thresholds = {0.5f};
  DecisionRunWriter writer(folder, identity, {}, false, false);
  for (std::uint64_t shard = 0; shard < writer.shards(); ++shard) {
    const std::size_t first = shard * identity.shard_rows;
    const std::size_t count = std::min<std::size_t>(identity.shard_rows, rows.size() - first);
    DecisionRows columns;
    columns.resize(count, identity.id);
    for (std::size_t i = 0; i < count; ++i) {
      const Row& row = rows[first + i];
      std::memcpy(columns.ids.data() + 8 * i, &row.id, 8);
      columns.fleet[i] = row.fleet;
      columns.score[i] = columns.base_score[i] = row.score;
      columns.decision[i] = static_cast<std::uint8_t>(row.decision);
      columns.mask[i] = row.decision == Decision::blocked;
    }
    writer.write_shard(shard, columns);
  }
  writer.finish({});
}

/// A night by hand: ids 10, 20, ... with these labels, known two days later; one feature.
inline ScenarioExample hand_labelled(const std::vector<std::vector<int>>& labels) {
  std::vector<std::uint64_t> rows;
  for (const auto& of_night : labels) rows.push_back(of_night.size());
  ScenarioExample example(rows, false, 2);
  std::uint64_t row = 0;
  for (std::size_t n = 0; n < labels.size(); ++n)
    for (std::size_t i = 0; i < labels[n].size(); ++i, ++row) {
      example.set_id(row, 10 * (i + 1));
      example.label[row] = static_cast<std::uint8_t>(labels[n][i]);
      example.known[row] = night(static_cast<int>(n) + 2);
    }
  return example;
}

}  // namespace npo::test

#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/run_context.hpp"
#include "kernels/vocabulary.hpp"

/// `npo score`: one night of scenarios through model, guardrails and thresholds to a folder of decisions.
namespace npo {

struct ScoreOptions {
  std::filesystem::path scenarios, model, state, policy, output;
  std::optional<UnixSeconds> night;  ///< any time of the night's UTC day; absent: the file's last night
  std::optional<std::int64_t> alert_budget;  ///< at most so many surfaced, the highest scores first
  bool new_state = false;                    ///< a missing state is created, empty, with the policy
};

/// What one fleet did tonight.
struct FleetDecisions {
  std::string name;
  std::optional<float> threshold;   ///< of the fleet's arm; nothing where every row draws its own
  std::optional<std::uint8_t> arm;  ///< likewise
  std::vector<double> arm_probability;
  std::uint64_t withheld = 0, surfaced = 0, blocked = 0;
};

struct ScoreReport {
  std::string run_id;
  UnixSeconds night = 0;
  std::uint64_t rows = 0, withheld = 0, surfaced = 0, blocked = 0;
  std::uint64_t known = 0;        ///< scenarios that carried a learned correction
  std::uint64_t absent = 0;       ///< scenarios of the state that tonight's file does not hold
  std::uint64_t over_budget = 0;  ///< would have been surfaced, were it not for the alert budget
  std::vector<FleetDecisions> fleets;
  std::vector<std::uint64_t> score_histogram;                    ///< 256 bins over [0, 1]
  std::vector<std::pair<std::string, std::uint64_t>> rule_hits;  ///< by guardrail, non-finite rows last
  std::uint64_t shards_reused = 0;                               ///< on a resume
  double seconds = 0.0;
};

/// Runs it; with `context.dry_run` nothing is written. Errors: see Error kinds; a bad row names file, dataset
/// and row.
ScoreReport run_score(const ScoreOptions& options, const RunContext& context);

/// What goes into the run's journal: everything of the report but the run's circumstances.
nlohmann::json summary_json(const ScoreReport& report);
nlohmann::json to_json(const ScoreReport& report);

}  // namespace npo

#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/ope_decisions.hpp"
#include "host/ope_estimate.hpp"
#include "host/ope_overlap.hpp"
#include "host/ope_policy.hpp"
#include "host/reward_model.hpp"
#include "host/run_context.hpp"

/// `npo ope`: what another policy would have earned on what was logged.
namespace npo {

struct OpeOptions {
  std::vector<std::filesystem::path> logs;  ///< one log.h5, or folders of decisions
  DecisionLogOptions decisions;             ///< for these
  TargetChoice target;
  RewardModelOptions reward_model;
  OpeTuning tuning = OpeTuning::slope;
  std::optional<double> clip;  ///< of the clipped estimators, and of the weights that the gate looks at
  double level = 0.95;
  std::uint64_t replicates = 1000;  ///< of the bootstrap
  OverlapGate gate;
  std::filesystem::path html;  ///< empty: no page
};

struct OpeReport {
  std::string log, policy;
  std::uint64_t rows = 0, clusters = 0, actions = 0;
  double level = 0.95;
  double logged = 0.0;  ///< mean reward of the logging policy
  OpeInterval logged_interval;
  WeightSummary weights;
  std::optional<double> clip;
  std::optional<WeightSummary> clipped_weights;
  WeightHistogram histogram;
  std::optional<double> unsupported;
  RewardModelReport reward_model;
  std::vector<OpeEstimate> estimates;
  std::vector<std::string> faults, notes;  ///< faults: why the log cannot answer; empty: it can
  double seconds = 0.0;
};

/// Error as of the parts; Error(usage) for settings that do not fit together.
OpeReport run_ope(const OpeOptions& options, const RunContext& context);

/// "the log can answer this", or that it cannot.
const char* verdict_of(const OpeReport& report);
nlohmann::json to_json(const OpeReport& report);
/// The same as a table for a person.
std::string to_table(const OpeReport& report);
/// A self-contained page: estimates with intervals, and where the weight lies.
std::string to_html(const OpeReport& report);

}  // namespace npo

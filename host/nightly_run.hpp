#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/nightly_config.hpp"
#include "host/run_context.hpp"

/// `npo nightly`: outcomes that matured -> learn -> monitor (-> retrain) -> score -> evaluate -> summary,
/// night by night.
namespace npo {

struct NightlyOptions {
  std::filesystem::path config;
  std::optional<UnixSeconds>
      night;  ///< only this night; default: every night of the configuration that is not done
};

/// What one night came to; also runs/<date>/night.json.
struct NightSummary {
  UnixSeconds night = 0;
  nlohmann::json score;    ///< of ScoreReport, without the histogram
  nlohmann::json learn;    ///< of LearnReport
  nlohmann::json matured;  ///< of the evaluation of the nights that matured tonight; null when none did
  std::vector<std::string> gates;  ///< sentences of the gates that fired
  bool retrained = false;
  std::optional<double> drift;
  double seconds = 0.0;
};

struct NightlyReport {
  std::vector<NightSummary> nights;
  nlohmann::json total;  ///< evaluation over every matured night so far; null when none is
  std::uint64_t already_done = 0;
  bool gate_fired = false;
};

/// Every step of a night is recorded once it is done; after a crash the same command goes on where it stopped
/// and comes to the same bits.
NightlyReport run_nightly(const NightlyOptions& options, const RunContext& context);

nlohmann::json to_json(const NightSummary& night);
nlohmann::json to_json(const NightlyReport& report);

}  // namespace npo

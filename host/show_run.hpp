#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/run_context.hpp"
#include "kernels/vocabulary.hpp"

/// `npo show`: the decisions a person will look at first, and why they came out as they did.
namespace npo {

struct ShowOptions {
  std::filesystem::path decisions;         ///< a complete run
  Decision decision = Decision::surfaced;  ///< which ones
  std::uint64_t top = 50;                  ///< the highest scores; ties in the order of the file
  std::string fleet;                       ///< empty: all
  std::uint64_t features = 3;              ///< contributions shown for each row
  std::filesystem::path scenarios;         ///< empty: the file that run.json names
};

/// What one feature adds to the log-odds of m(x): weight * (transform(value) - mean) / scale.
struct Contribution {
  std::string feature;
  float value = 0.0f;
  double log_odds = 0.0;
};

struct ShownDecision {
  std::uint64_t row = 0;  ///< of the run
  std::string id, fleet;
  float score = 0.0f, base_score = 0.0f;  ///< R and m(x)
  float threshold = 0.0f;
  float p_surfaced = 0.0f;
  std::vector<std::string> rules;           ///< guardrails hit, by name
  std::vector<Contribution> contributions;  ///< largest first, by absolute value
};

struct ShowReport {
  std::string run_id;
  UnixSeconds night = 0;
  Decision decision = Decision::surfaced;
  std::uint64_t matching = 0;  ///< rows with that decision (and fleet)
  std::vector<ShownDecision> rows;
  std::string note;  ///< why contributions are missing; empty when they are there
};

/// Reads the run once, in pieces, and keeps the best rows in a bounded heap. Error(usage) names an unknown
/// fleet with the nearest known one. When the scenario file that run.json names is gone or another, the
/// report says so and comes without contributions; one that the caller names must fit, else Error(bad_data).
ShowReport run_show(const ShowOptions& options, const RunContext& context);

nlohmann::json to_json(const ShowReport& report);
/// Aligned columns for a person.
std::string to_table(const ShowReport& report);
/// Comma-separated values with a header line; several rules or contributions are joined by "; ".
std::string to_csv(const ShowReport& report);

/// "surfaced", "withheld", "blocked".
std::string_view name_of(Decision decision);

}  // namespace npo

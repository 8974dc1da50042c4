#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "host/run_context.hpp"
#include "host/synthetic_world.hpp"
#include "kernels/vocabulary.hpp"

/// A synthetic fleet with known truth, ready to be re-scored night by night (docs/formats/truth.md).
namespace npo {

inline constexpr int truth_format_version = 1;

struct GenerateOptions {
  std::filesystem::path output;      ///< folder
  std::uint64_t scenarios = 100000;  ///< below 2^32; their ids are 1, 2, ...
  std::uint64_t nights = 3;
  UnixSeconds first_night = 1767225600;  ///< any time of the day; 2026-01-01
  std::int64_t label_horizon = seconds_per_day;
  SyntheticSettings world;
};

struct GenerateReport {
  std::string output;
  std::uint64_t rows = 0, scenarios = 0, nights = 0, features = 0, fleets = 0;
  std::uint64_t label_yes = 0;
  std::uint64_t bytes = 0;  ///< of all files
  double seconds = 0.0;
};
nlohmann::json to_json(const GenerateReport& report);

/// Writes scenarios.h5, truth.h5, model.json, policy.toml and night.toml into the folder. The seed is the
/// context's; the bits are the same for any number of threads and any SIMD level. Memory is bounded whatever
/// the size. With `overwrite` a fleet that is there stays whole until the new one, written beside it, takes
/// its place. Error(usage) for numbers out of range, Error(environment) for the disk or when a file exists. A
/// dry run only says how large it would be.
GenerateReport generate(const GenerateOptions& options, const RunContext& context);

}  // namespace npo

#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "kernels/vocabulary.hpp"

/// night.toml: what `npo nightly` runs (docs/formats/night.md).
namespace npo {

/// A gate fires, and the command exits with 4, when its number is exceeded.
struct NightlyGates {
  std::optional<double>
      override_rate;            ///< overrides over answered decisions of the nights that matured tonight
  std::optional<double> loss;   ///< feedback loss over the same
  std::optional<double> drift;  ///< Kolmogorov-Smirnov distance of tonight's scores to the reference night's
};

struct NightlyConfig {
  /// Paths are relative to the file. `scenarios` and `labels` may hold {date}, the night that is run, as
  /// 2013-04-20: what was imported that night. Labels then hold at least the nights that mature.
  std::string scenarios, labels;
  std::filesystem::path model, policy, state, output;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> alert_budget;
  bool retrain = true;                             ///< act on the monitor's wish to retrain
  bool hindsight = true;                           ///< learn from outcomes that matured
  std::optional<std::filesystem::path> operators;  ///< truth file: simulated operators answer every night
  std::optional<UnixSeconds> first,
      last;  ///< nights to run, any time of their days; default: all of the file
  NightlyGates gates;

  std::filesystem::path scenarios_of(UnixSeconds night) const;
  std::filesystem::path labels_of(UnixSeconds night) const;
};

/// Error(usage) names file and key; unknown keys name the nearest known one.
NightlyConfig read_nightly_config(const std::filesystem::path& path);

}  // namespace npo

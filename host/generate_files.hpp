#pragma once
#include <array>
#include <filesystem>
#include <string>

#include "host/generate_run.hpp"

namespace npo {

/// The files of a generated folder.
struct GeneratedPaths {
  explicit GeneratedPaths(const std::filesystem::path& folder)
      : scenarios(folder / "scenarios.h5"),
        truth(folder / "truth.h5"),
        model(folder / "model.json"),
        policy(folder / "policy.toml"),
        night(folder / "night.toml") {}
  std::array<const std::filesystem::path*, 5> all() const {
    return {&scenarios, &truth, &model, &policy, &night};
  }
  std::filesystem::path scenarios, truth, model, policy, night;
};

/// Whether `name` is one of these files, or what a kill leaves of one that was being written.
bool is_generated(const std::string& name);

/// What made the folder, as JSON.
std::string generate_provenance(const GenerateOptions& options, std::uint64_t seed);

/// Writes truth.h5 (docs/formats/truth.md).
void write_truth(const std::filesystem::path& path, const GenerateOptions& options,
                 const SyntheticWorld& world, const RunContext& context);

/// Writes model.json, policy.toml and night.toml.
void write_settings(const GeneratedPaths& paths, const SyntheticWorld& world, const RunContext& context);

}  // namespace npo

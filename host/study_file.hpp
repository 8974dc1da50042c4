#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/study_claim.hpp"
#include "host/study_grid.hpp"
#include "kernels/ope_world.hpp"
#include "kernels/study_metrics.hpp"
#include "kernels/study_point.hpp"

/// A study file (docs/formats/study.md), read and resolved.
namespace npo {

/// Stop a point once the 95 % interval of a metric's mean is this narrow.
struct StudyPrecision {
  std::string metric;
  double half_width = 0.0;
  std::uint32_t at = 0;  ///< checkpoint
};

using StudyPoint = std::variant<BanditPoint, LoopPoint, OpePoint>;

struct Study {
  StudyKind kind = StudyKind::loop;
  std::string name, title, description;
  std::uint64_t seed = 0;
  std::uint32_t episodes = 1000;
  std::uint64_t replicates = 1024;
  std::vector<std::uint32_t> checkpoints;
  bool zip = false, independent = false;
  nlohmann::json baseline;  ///< parameters of the baseline points, null: none
  std::optional<StudyPrecision> precision;
  StudyGrid grid;
  std::uint32_t most_arms = 0;  ///< of any point
  std::vector<StudyClaim> claims;
  /// The resolved document; reading it again gives the same study.
  nlohmann::json document;

  std::uint64_t points() const { return grid.points(); }
  /// A point as kernels take it.
  StudyPoint point(std::uint64_t index) const;
  /// Metrics of the study: those of its points with the most arms. A point's own metrics are the first ones.
  std::vector<StudyMetric> metrics() const;
  std::vector<StudyMetric> metrics_of(std::uint64_t index) const;
  /// The baseline point of each point; empty without a baseline.
  std::vector<std::uint64_t> baselines() const;
  /// Hash, 16 hex digits, of everything that decides the numbers.
  std::string run_id() const;
};

std::string_view name_of(StudyKind kind);
/// 0 where a point has none.
std::uint32_t arms_of(const StudyPoint& point);

/// `overrides` are KEY=VALUE; KEY is a key of the file, dotted, or the name of a parameter, VALUE as in TOML,
/// where a word needs no quotes. `seed` other than 0 replaces the file's. Error(usage) names file and key,
/// with the nearest known one.
Study read_study(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                 std::uint64_t seed);
/// The same from a document, such as Study::document.
Study study_from(const nlohmann::json& document, const std::string& origin);

/// Puts KEY=VALUE into a study's document.
void override_key(nlohmann::json& document, const std::string& assignment);

}  // namespace npo

#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

/// The points of a study: every combination of the swept values, or the lists side by side.
namespace npo {

inline constexpr std::uint64_t max_points = std::uint64_t{1} << 17;

struct SweptParameter {
  std::string name;
  std::vector<nlohmann::json> values;
};

class StudyGrid {
 public:
  StudyGrid() = default;
  /// `fixed` holds the parameters that do not vary, `swept` the others in alphabetical order; with `zip` all
  /// lists have one length. Error(usage) says how many points there would be when they are too many, or which
  /// list has another length.
  StudyGrid(nlohmann::json fixed, std::vector<SweptParameter> swept, bool zip, const std::string& origin);

  std::uint64_t points() const { return points_; }
  const std::vector<SweptParameter>& swept() const { return swept_; }
  /// Value of one parameter at a point.
  const nlohmann::json& value(std::uint64_t point, const std::string& name) const;
  /// All parameters of a point by name.
  nlohmann::json values(std::uint64_t point) const;
  /// Only the swept ones, for a person: "eta = 0.1, swap = 0.2".
  std::string label(std::uint64_t point) const;
  /// The point with these values, otherwise equal to `point`.
  std::optional<std::uint64_t> other(std::uint64_t point, const nlohmann::json& values) const;
  /// Points that have one of the values given for each parameter (a value, or a list of values).
  std::vector<std::uint64_t> select(const nlohmann::json& where) const;

 private:
  std::size_t index(std::uint64_t point, std::size_t parameter) const;
  bool matches(std::uint64_t point, const nlohmann::json& where) const;

  nlohmann::json fixed_;
  std::vector<SweptParameter> swept_;
  std::vector<std::uint64_t> stride_;  ///< of each swept parameter in a grid
  bool zip_ = false;
  std::uint64_t points_ = 1;
};

}  // namespace npo

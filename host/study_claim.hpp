#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/expression.hpp"
#include "host/strict_object.hpp"

/// What a study is to find out: one [[claim]] of a study file (docs/formats/study.md).
namespace npo {

enum class ClaimKind { equals, below, above, within, order, slope, lag, rebound };
std::string_view name_of(ClaimKind kind);

/// The checkpoints a claim speaks of.
struct CheckpointChoice {
  enum class Kind { last, all, list, span } kind = Kind::last;
  std::vector<std::uint32_t> list = {};
  std::uint32_t from = 0, to = 0;  ///< of a span, both included

  /// Positions among `checkpoints`; those that are not there are left out.
  std::vector<std::size_t> positions(const std::vector<std::uint32_t>& checkpoints) const;
};

struct StudyClaim {
  std::string name, statement, source, metric;
  ClaimKind kind = ClaimKind::equals;
  bool variance = false;  ///< of the metric over replicates instead of its mean
  nlohmann::json where = nlohmann::json::object();
  CheckpointChoice at;
  double level = 0.999;
  std::optional<Expression> value, tolerance, resolution, low, high, margin;
  nlohmann::json than = nlohmann::json::object();  ///< order
  bool greater = false;                            ///< order
  bool log = false;                                ///< slope
  std::uint32_t after = 0;                         ///< lag and rebound
  nlohmann::json definition;                       ///< as written
};

/// Reads one claim; `path` is how errors name it. Names in formulas are not checked here.
StudyClaim read_claim(const nlohmann::json& given, const std::string& origin, const std::string& path);

}  // namespace npo

#include "host/cost_matrix.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "host/toml_file.hpp"
#include "io/closest_name.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr const char* forms =
    "write four numbers, for example 0,1,20,0 for a hit, a false alarm, a miss and a right silence, or name "
    "a "
    "TOML file";

/// Four comma-separated numbers; nothing when it is anything else.
std::optional<std::array<double, 4>> four_numbers(const std::string& text) {
  std::array<double, 4> values{};
  const char *at = text.data(), *end = at + text.size();
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [stop, failure] = std::from_chars(at, end, values[i]);
    if (failure != std::errc{} || !std::isfinite(values[i])) return std::nullopt;
    at = stop;
    if (i < 3 && (at == end || *at++ != ',')) return std::nullopt;
  }
  return at == end ? std::optional(values) : std::nullopt;
}

CostMatrix from_toml(const std::string& path) {
  const std::vector<std::string> keys{"true_positive", "false_positive", "false_negative", "true_negative"};
  CostMatrix cost;
  const std::array<double*, 4> fields{&cost.true_positive, &cost.false_positive, &cost.false_negative,
                                      &cost.true_negative};
  for (const auto& [key, value] : read_toml(path).items()) {
    std::size_t field = 0;
    while (field < keys.size() && keys[field] != key) ++field;
    if (field == keys.size())
      throw Error(ErrorKind::usage, fmt::format("{}: unknown key {}", path, key),
                  suggest_name(key, keys, forms));
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      throw Error(ErrorKind::usage, fmt::format("{}: {} is not a finite number", path, key), forms);
    *fields[field] = value.get<double>();
  }
  return cost;
}

}  // namespace

CostMatrix parse_cost(const std::string& text) {
  if (const auto values = four_numbers(text)) return {(*values)[0], (*values)[1], (*values)[2], (*values)[3]};
  if (text.ends_with(".toml")) return from_toml(text);
  throw Error(ErrorKind::usage, fmt::format("'{}' is no cost matrix", text), forms);
}

}  // namespace npo

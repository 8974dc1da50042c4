#include "host/study_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using nlohmann::json;

constexpr int max_range_steps = 100000;

struct Steps {
  double from = 0.0, to = 0.0;
  int steps = 2;
  bool log = false;

  /// Both ends are exact.
  double at(int i) const {
    if (i == 0) return from;
    if (i == steps - 1) return to;
    const double share = static_cast<double>(i) / (steps - 1);
    if (!log) return from + share * (to - from);
    const double low = elementary64::log(from);
    return elementary64::exp(low + share * (elementary64::log(to) - low));
  }
};

/// "FILE: parameters.eta" as the origin and path of a StrictObject.
Steps read_range(const json& given, const std::string& where) {
  Steps range;
  StrictObject object(given, where, "");
  for (const char* key : {"from", "to", "steps"})
    if (!object.has(key))
      throw Error(ErrorKind::usage, fmt::format("{}: {} is missing from the range", where, key),
                  "write { from = 0.0, to = 1.0, steps = 5 }");
  object.number("from", at_least(-1e300), range.from);
  object.number("to", at_least(-1e300), range.to);
  object.whole("steps", closed(2, max_range_steps), range.steps);
  std::string scale = "linear";
  object.word("scale", {"linear", "log"}, scale);
  object.finish();
  range.log = scale == "log";
  if (range.log && !(range.from > 0.0 && range.to > 0.0))
    throw Error(ErrorKind::usage, fmt::format("{}: a range with scale = \"log\" needs ends above 0", where),
                "raise from, or use scale = \"linear\"");
  return range;
}

std::vector<json> range_values(const StudyParameter& parameter, const std::string& where, const json& given) {
  if (parameter.type != ParameterType::real && parameter.type != ParameterType::whole)
    throw Error(ErrorKind::usage, fmt::format("{} is a range, and {} is no number", where, parameter.name),
                "give a list of values");
  const Steps range = read_range(given, where);
  std::vector<json> values;
  for (int i = 0; i < range.steps; ++i) {
    if (parameter.type == ParameterType::whole)
      values.emplace_back(static_cast<std::int64_t>(std::floor(range.at(i) + 0.5)));
    else
      values.emplace_back(range.at(i));
  }
  return values;
}

void require_distinct(const std::string& where, const std::vector<json>& values) {
  std::vector<std::string> texts;
  for (const json& value : values) texts.push_back(value.dump());
  std::ranges::sort(texts);
  const auto twice = std::ranges::adjacent_find(texts);
  if (twice != texts.end())
    throw Error(ErrorKind::usage, fmt::format("{} has the value {} twice", where, *twice),
                "give every value once");
}

/// 1, 2, 5, 10, 20, 50, ... up to `episodes`.
std::vector<std::uint32_t> round_numbers(std::uint32_t episodes) {
  std::vector<std::uint32_t> numbers;
  for (std::uint64_t decade = 1; decade <= episodes; decade *= 10)
    for (const std::uint64_t factor : {1, 2, 5})
      if (factor * decade <= episodes) numbers.push_back(static_cast<std::uint32_t>(factor * decade));
  return numbers;
}

std::vector<std::uint32_t> rounded(const Steps& range) {
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < range.steps; ++i)
    numbers.push_back(static_cast<std::uint32_t>(std::floor(range.at(i) + 0.5)));
  return numbers;
}

}  // namespace

bool is_sweep(const StudyParameter& parameter, const json& given) {
  if (given.is_object()) return true;
  if (!given.is_array()) return false;
  if (!holds_list(parameter)) return true;
  // A list of a list parameter's values is one level deeper than a value.
  if (given.empty() || !given.front().is_array()) return false;
  return parameter.type != ParameterType::tables ||
         (!given.front().empty() && given.front().front().is_array());
}

std::vector<json> swept_values(const StudyParameter& parameter, const std::string& where, const json& given,
                               bool distinct) {
  std::vector<json> values;
  if (given.is_object())
    values = range_values(parameter, where, given);
  else if (is_sweep(parameter, given))
    values.assign(given.begin(), given.end());
  else
    values = {given};
  if (values.empty())
    throw Error(ErrorKind::usage, fmt::format("{} is an empty list", where), "give at least one value");
  for (json& value : values) {
    require_value(parameter, where, value);
    if (parameter.type == ParameterType::real) value = value.get<double>();
    if (parameter.type == ParameterType::reals) value = value.get<std::vector<double>>();
  }
  if (distinct) require_distinct(where, values);
  return values;
}

std::vector<std::uint32_t> study_checkpoints(const json& given, std::uint32_t episodes,
                                             const std::string& origin) {
  const std::string where = origin + ": checkpoints";
  const Range allowed = closed(1, episodes);
  std::vector<std::uint32_t> numbers;
  const auto one = [&](const json& value) {
    if (!value.is_number_integer() || !allowed.holds(value.get<double>()))
      throw Error(ErrorKind::usage,
                  fmt::format("{}: {} is no episode of 1 to {}", where, value.dump(), episodes),
                  "give \"log\", how many, a list of episodes, or { from, to, steps, scale }");
    return value.get<std::uint32_t>();
  };
  if (given == "log") {
    numbers = round_numbers(episodes);
  } else if (given.is_array()) {
    for (const json& value : given) numbers.push_back(one(value));
    if (!std::ranges::is_sorted(numbers, std::less_equal<>()))
      throw Error(ErrorKind::usage, fmt::format("{} are not in ascending order", where), "sort them");
  } else if (given.is_object()) {
    const Steps range = read_range(given, where);
    one(json(static_cast<std::int64_t>(std::min(range.from, range.to))));
    one(json(static_cast<std::int64_t>(std::max(range.from, range.to))));
    numbers = rounded(range);
    std::ranges::sort(numbers);
  } else {
    const std::uint32_t count = one(given);
    numbers = count == 1
                  ? std::vector{episodes}
                  : rounded({.from = 1,
                             .to = static_cast<double>(episodes),
                             .steps = static_cast<int>(std::min<std::uint32_t>(count, max_range_steps)),
                             .log = true});
  }
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  if (numbers.empty() || numbers.back() != episodes) numbers.push_back(episodes);
  if (numbers.size() > max_checkpoints)
    throw Error(ErrorKind::usage,
                fmt::format("{} are {}, above the limit of {}", where, numbers.size(), max_checkpoints),
                "give fewer");
  return numbers;
}

}  // namespace npo

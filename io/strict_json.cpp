#include "io/strict_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "io/closest_name.hpp"
#include "kernels/error.hpp"

namespace npo::strict_json {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const std::string& where, const std::string& problem, const std::string& remedy = {}) {
  throw Error(ErrorKind::bad_data, where + ": " + problem, remedy);
}

const Json& member(const Json& object, const char* key, const std::string& where) {
  if (!object.is_object() || !object.contains(key)) fail(where, fmt::format("key `{}` is missing", key));
  return object.at(key);
}

}  // namespace

Json parse(const std::string& text, const std::string& where) {
  std::vector<std::set<std::string>> open;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      fail(where, fmt::format("key `{}` occurs twice in one object", parsed.get<std::string>()));
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::exception& broken) {
    fail(where, fmt::format("not valid JSON ({})", broken.what()));
  }
}

void require_keys(const Json& object, std::initializer_list<const char*> keys, const std::string& where) {
  if (!object.is_object()) fail(where, "an object is expected");
  const std::vector<std::string> known(keys.begin(), keys.end());
  for (const auto& [key, value] : object.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      fail(where, fmt::format("unknown key `{}`", key), suggest_name(key, known, "remove it"));
  for (const char* key : keys) member(object, key, where);
}

double finite_number(const Json& object, const char* key, const std::string& where) {
  const Json& value = member(object, key, where);
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    fail(where, fmt::format("`{}` must be a finite number", key));
  return value.get<double>();
}

std::string text(const Json& object, const char* key, const std::string& where) {
  const Json& value = member(object, key, where);
  if (!value.is_string()) fail(where, fmt::format("`{}` must be a text", key));
  return value.get<std::string>();
}

std::int64_t integer(const Json& object, const char* key, const std::string& where) {
  const Json& value = member(object, key, where);
  if (!value.is_number_integer()) fail(where, fmt::format("`{}` must be a whole number", key));
  return value.get<std::int64_t>();
}

std::string shortest(double value) {
  return fmt::format("{}", value + 0.0);
}

}  // namespace npo::strict_json

#include "host/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

nlohmann::json json_from(const toml::node& node);

nlohmann::json json_from(const toml::table& table) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, value] : table) object[std::string(key.str())] = json_from(value);
  return object;
}

nlohmann::json json_from(const toml::array& array) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& value : array) list.push_back(json_from(value));
  return list;
}

template <class Value>
nlohmann::json json_from_scalar(const Value& value) {
  if constexpr (toml::is_date<Value> || toml::is_time<Value> || toml::is_date_time<Value>) {
    std::ostringstream text;
    text << value.get();
    return text.str();
  } else {
    return value.get();
  }
}

nlohmann::json json_from(const toml::node& node) {
  return node.visit([](const auto& value) -> nlohmann::json {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (toml::is_table<Value> || toml::is_array<Value>)
      return json_from(value);
    else
      return json_from_scalar(value);
  });
}

}  // namespace

nlohmann::json toml_to_json(const std::string& text, const std::string& origin) {
  try {
    return json_from(toml::parse(text, origin));
  } catch (const toml::parse_error& mistake) {
    throw Error(ErrorKind::usage,
                fmt::format("{}: line {}, column {}: {}", origin, mistake.source().begin.line,
                            mistake.source().begin.column, mistake.description()),
                "correct the TOML there");
  }
}

nlohmann::json read_toml(const std::filesystem::path& path) {
  return toml_to_json(read_text(path), path.string());
}

}  // namespace npo

#include "host/cli/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "host/cli/config_file.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

std::string origin_of(const Option& option) {
  switch (option.source) {
    case Source::flag:
      return "flag";
    case Source::environment:
      return "environment " + option.variable();
    case Source::config_file:
      return "config file";
    case Source::default_value:
      break;
  }
  return "default";
}

/// Assigns and names the place in what goes wrong.
void assign(Option& option, const std::vector<std::string>& values, Source source, const std::string& place) {
  try {
    option.assign(values);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{} {}", place, error.what()));
  }
  option.source = source;
}

}  // namespace

void resolve(const CommandEntry& command, const Given& given, OptionSet& options) {
  ConfigValues file;
  if (const auto config = given.find("config"); config != given.end())
    file = read_config_file(config->second.front(), command);
  for (Option& option : options.options()) {
    const auto flag = given.find(option.name);
    if (flag != given.end()) {
      assign(option, flag->second, Source::flag, option.shown());
      continue;
    }
    if (option.flag_only) continue;
    const char* variable = option.argument ? nullptr : std::getenv(option.variable().c_str());
    if (variable && *variable) {
      assign(option, {variable}, Source::environment, option.variable());
    } else if (const auto entry = file.find(option.key()); entry != file.end()) {
      assign(option, entry->second, Source::config_file,
             fmt::format("{}: {}", given.at("config").front(), option.key()));
    }
  }
}

void require_complete(const CommandEntry& command, const OptionSet& options) {
  for (const Option& option : options.options())
    if (option.required && option.value().is_null())
      throw Error(ErrorKind::usage, fmt::format("{} is missing", option.shown()),
                  fmt::format("for example: {}", command.example));
}

std::string dump_toml(const CommandEntry& command, const OptionSet& options) {
  std::string text, table(command.name);
  std::replace(table.begin(), table.end(), ' ', '.');
  bool own = false;
  for (const Option& option : options.options()) {
    if (option.flag_only) continue;
    if (!option.common && !own) text += fmt::format("\n[{}]\n", table);
    own = own || !option.common;
    const nlohmann::json value = option.value();
    // TOML has no null: what is not set stands there as a comment.
    const std::string line = value.is_null() ? fmt::format("# {} =", option.key())
                                             : fmt::format("{} = {}", option.key(), value.dump());
    text += fmt::format("{:<34} # {}\n", line, value.is_null() ? "not set" : origin_of(option));
  }
  return text;
}

nlohmann::json dump_json(const CommandEntry& command, const OptionSet& options) {
  nlohmann::json all = nlohmann::json::object();
  for (const Option& option : options.options())
    if (!option.flag_only) all[option.key()] = {{"value", option.value()}, {"from", origin_of(option)}};
  return {{"command", command.name}, {"options", all}};
}

}  // namespace npo::cli

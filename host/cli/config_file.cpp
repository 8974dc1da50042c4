#include "host/cli/config_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/cli/common_options.hpp"
#include "host/policy.hpp"
#include "host/toml_file.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

using nlohmann::json;

std::vector<std::string> keys_of(const OptionSet& options) {
  std::vector<std::string> keys;
  for (const Option& option : options.options())
    if (!option.flag_only) keys.push_back(option.key());
  return keys;
}

std::vector<std::string> common_keys() {
  CommonOptions common;
  OptionSet options;
  common.declare(options);
  return keys_of(options);
}

std::vector<std::string> keys_of(const CommandEntry& entry) {
  CommonOptions common;
  OptionSet options;
  common.declare(options);
  const auto command = entry.make();
  command->declare(options);
  return keys_of(options);
}

const CommandEntry* find_entry(const std::string& name) {
  for (const CommandEntry& entry : command_table())
    if (entry.name == name) return &entry;
  return nullptr;
}

/// Walks a configuration file table by table and keeps what one command may use.
class ConfigReader {
 public:
  ConfigReader(std::string origin, std::string_view command)
      : origin_(std::move(origin)), command_(command) {}

  ConfigValues read(const json& root) {
    std::vector<std::string> known = common_keys();
    take_scalars(root, known, "");
    for (const auto& [key, value] : root.items())
      if (value.is_object()) read_table(key, key, value);
    return std::move(values_);
  }

 private:
  /// `name` is the command's name as typed, `path` the table's name as written.
  void read_table(const std::string& name, const std::string& path, const json& table) {
    if (const CommandEntry* entry = find_entry(name)) {
      for (const auto& [key, value] : table.items())
        if (value.is_object()) {
          if (!is_group(name)) unknown(path + "." + key, key, {});
          read_table(name + " " + key, path + "." + key, value);
        }
      take_scalars(table, keys_of(*entry), path);
    } else if (is_group(name)) {
      for (const auto& [key, value] : table.items())
        value.is_object() ? read_table(name + " " + key, path + "." + key, value)
                          : unknown(path + "." + key, key, {});
    } else {
      std::vector<std::string> commands;
      for (const CommandEntry& entry : command_table()) commands.emplace_back(entry.name);
      unknown(path, name, commands);
    }
  }

  void take_scalars(const json& table, const std::vector<std::string>& known, const std::string& path) {
    std::string name(path);
    std::replace(name.begin(), name.end(), '.', ' ');
    for (const auto& [key, value] : table.items()) {
      if (value.is_object()) continue;
      const std::string full = path.empty() ? key : path + "." + key;
      if (std::find(known.begin(), known.end(), key) == known.end()) unknown(full, key, known);
      if (path.empty() || name == command_) values_[key] = texts_of(full, value);
    }
  }

  std::vector<std::string> texts_of(const std::string& full, const json& value) const {
    std::vector<std::string> texts;
    if (!value.is_array()) return {text_of(full, value)};
    for (const json& entry : value) texts.push_back(text_of(full, entry));
    if (texts.empty()) throw Error(ErrorKind::usage, fmt::format("{}: {} is an empty list", origin_, full));
    return texts;
  }

  std::string text_of(const std::string& full, const json& value) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean() || value.is_number()) return value.dump();
    throw Error(ErrorKind::usage, fmt::format("{}: {} is not a plain value", origin_, full));
  }

  [[noreturn]] void unknown(const std::string& full, const std::string& key,
                            const std::vector<std::string>& known) const {
    const std::string nearest = nearest_name(key, known);
    throw Error(ErrorKind::usage, fmt::format("{}: unknown key {}", origin_, full),
                nearest.empty() ? "keys are flags with _ for -, those of one command in its table"
                                : fmt::format("did you mean {}?", nearest));
  }

  std::string origin_;
  std::string_view command_;
  ConfigValues values_;
};

}  // namespace

ConfigValues read_config_file(const std::filesystem::path& path, const CommandEntry& command) {
  return ConfigReader(path.string(), command.name).read(read_toml(path));
}

}  // namespace npo::cli

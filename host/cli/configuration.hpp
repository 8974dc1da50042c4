#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/cli/command.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/option_set.hpp"

namespace npo::cli {

/// Fills every option from the strongest source that gives it: flag, environment (NPO_<NAME>), configuration
/// file, default. In the file, keys at the top are for every command and those in a table [score] or
/// [state.rollback] for one; a key that no command knows is an Error(usage) with the nearest known one.
void resolve(const CommandEntry& command, const Given& given, OptionSet& options);

/// Error(usage) naming the first required option without a value.
void require_complete(const CommandEntry& command, const OptionSet& options);

/// The resolved configuration as TOML that --config reads back, each value with where it came from.
std::string dump_toml(const CommandEntry& command, const OptionSet& options);
/// The same as JSON: {"command", "options": {key: {"value", "from"}}}.
nlohmann::json dump_json(const CommandEntry& command, const OptionSet& options);

}  // namespace npo::cli

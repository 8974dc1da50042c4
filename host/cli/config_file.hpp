#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/cli/command.hpp"

namespace npo::cli {

/// Values of a configuration file by key, as text; a list is several texts.
using ConfigValues = std::map<std::string, std::vector<std::string>>;

/// What a configuration file says for one command: its top-level keys, overlaid by the command's own table.
/// Every key of the file is checked, those of other commands too. Error(usage) names file and key, with the
/// nearest known one.
ConfigValues read_config_file(const std::filesystem::path& path, const CommandEntry& command);

}  // namespace npo::cli

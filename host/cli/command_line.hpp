#pragma once
#include <map>
#include <string>
#include <vector>

#include "host/cli/option_set.hpp"

namespace npo::cli {

/// What stood on the command line, before any of it is believed: values by option name.
using Given = std::map<std::string, std::vector<std::string>>;

/// Takes the words after the command's name apart. Error(usage) names an unknown flag with the nearest known
/// one, a flag without its value, and an argument too many.
Given parse_command_line(const std::string& command, const std::vector<std::string>& words,
                         const OptionSet& options);

}  // namespace npo::cli

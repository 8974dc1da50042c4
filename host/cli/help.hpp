#pragma once
#include <string>

#include "host/cli/command.hpp"

namespace npo::cli {

/// What `npo help` prints: every command with its line.
std::string overview();
/// What `npo help COMMAND` prints: usage, example, arguments, the command's own flags, common flags.
std::string help_page(const CommandEntry& command);
/// The commands of a group such as "state".
std::string group_page(const std::string& group);

}  // namespace npo::cli

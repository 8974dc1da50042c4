#pragma once
#include "host/cli/command.hpp"

/// The makers of all commands; each lives in <name>_command.cpp.
namespace npo::cli {

std::unique_ptr<Command> make_digest_command();
std::unique_ptr<Command> make_generate_command();
std::unique_ptr<Command> make_import_command();
std::unique_ptr<Command> make_info_command();

}  // namespace npo::cli

#pragma once
#include <string_view>

#include "kernels/error.hpp"

namespace npo::cli {

/// Writes to stdout and makes sure it arrived. A reader that went away (head, less) is not a failure; a full
/// disk is an Error(environment).
void print(std::string_view text);

/// One sentence on stderr; with `json` also {"error": {kind, message, exit_code}} on stdout. Returns the exit
/// code.
int print_error(std::string_view command, ErrorKind kind, std::string_view message, bool json);

}  // namespace npo::cli

#include "host/cli/commands.hpp"

namespace npo::cli {

const std::vector<CommandEntry>& command_table() {
  static const std::vector<CommandEntry> table{
      {"digest", "print the content digest of files and folders", "npo digest decisions/ state.h5",
       make_digest_command},
      {"info", "say what a file is: version, shape, provenance", "npo info scenarios.h5", make_info_command},
  };
  return table;
}

}  // namespace npo::cli

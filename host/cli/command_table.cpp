#include "host/cli/commands.hpp"

namespace npo::cli {

const std::vector<CommandEntry>& command_table() {
  static const std::vector<CommandEntry> table{
      {"import", "turn a CSV file into a scenario or feedback file",
       "npo import drives.csv.gz -o scenarios.h5 --as scenarios --id serial --time date --features a,b "
       "--label failure",
       make_import_command},
      {"generate", "make a synthetic fleet with known truth, ready for npo nightly",
       "npo generate --scenarios 100000 --features 32 --fleets 20 --nights 3 --seed 1 -o fleet",
       make_generate_command},
      {"digest", "print the content digest of files and folders", "npo digest decisions/ state.h5",
       make_digest_command},
      {"info", "say what a file is: version, shape, provenance", "npo info scenarios.h5", make_info_command},
  };
  return table;
}

}  // namespace npo::cli

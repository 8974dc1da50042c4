#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/option_set.hpp"
#include "host/json_lists.hpp"
#include "host/run_context.hpp"

namespace npo::cli {

/// What a command has to say when it is done: for a person, and for a program.
struct Report {
  std::string text = {};  ///< whole lines
  nlohmann::json json = nlohmann::json::object();
  std::vector<JsonList> lists = {};  ///< of `json`, where it has long ones
  int exit_code = 0;                 ///< 0, or ErrorKind::gate when the work is done and a gate fired
};

/// One subcommand: binds its options to the options struct of a host function, calls it, and reports. Nothing
/// else.
class Command {
 public:
  virtual ~Command() = default;
  /// Adds the command's own arguments and flags, bound to fields of this object.
  virtual void declare(OptionSet& options) = 0;
  virtual Report run(const RunContext& context) = 0;
};

/// A row of the table of commands.
struct CommandEntry {
  std::string_view name;     ///< one word, or two for a group: "state rollback"
  std::string_view summary;  ///< one line, an imperative
  std::string_view example;  ///< a command line that works
  std::unique_ptr<Command> (*make)();
};

/// Every command, in the order help shows them.
const std::vector<CommandEntry>& command_table();

/// Whether `name` is the first word of commands of two words: "state".
bool is_group(const std::string& name);

}  // namespace npo::cli

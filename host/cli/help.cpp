#include "host/cli/help.hpp"

#include <fmt/format.h>

#include "host/cli/common_options.hpp"

namespace npo::cli {
namespace {

constexpr std::string_view exit_codes =
    "Exit codes: 0 done, 1 internal failure, 2 usage, 3 bad data, 4 a gate or alert fired, 5 environment,\n"
    "6 device, 75 interrupted (run the same command with --resume).\n";

std::string command_lines(const std::string& prefix) {
  std::string lines;
  for (const CommandEntry& entry : command_table())
    if (entry.name.starts_with(prefix)) lines += fmt::format("  {:<20} {}\n", entry.name, entry.summary);
  return lines;
}

std::string option_line(const Option& option) {
  std::string left = option.shown();
  if (option.letter) left = fmt::format("-{}, {}", option.letter, left);
  if (!option.argument && !option.meta.empty()) left += " " + option.meta;
  if (option.many) left += "...";
  std::string right = option.help;
  const nlohmann::json value = option.value();
  if (option.required)
    right += " (required)";
  else if (!option.meta.empty() && !value.is_null())
    right += fmt::format(" [{}]", value.is_string() ? value.get<std::string>() : value.dump());
  if (left.size() > 26) return fmt::format("  {}\n  {:<26} {}\n", left, "", right);
  return fmt::format("  {:<26} {}\n", left, right);
}

std::string argument_usage(const Option& option) {
  const std::string title = option.name + (option.many ? "..." : "");
  return option.required ? " " + title : " [" + title + "]";
}

std::string section(const std::string& title, const OptionSet& options, bool (*wanted)(const Option&)) {
  std::string lines;
  for (const Option& option : options.options())
    if (wanted(option)) lines += option_line(option);
  return lines.empty() ? lines : fmt::format("\n{}:\n{}", title, lines);
}

}  // namespace

std::string overview() {
  return fmt::format(
      "npo scores a fleet of scenarios, decides which to act on, and learns from what people answer.\n\n"
      "Usage: npo COMMAND [ARGUMENTS] [FLAGS]\n\nCommands:\n{}\n"
      "npo help COMMAND shows its flags and an example; npo --version shows the version.\n{}",
      command_lines(""), exit_codes);
}

std::string group_page(const std::string& group) {
  return fmt::format("Usage: npo {} COMMAND\n\nCommands:\n{}", group, command_lines(group + " "));
}

std::string help_page(const CommandEntry& entry) {
  CommonOptions common;
  OptionSet options;
  common.declare(options);
  const auto command = entry.make();
  command->declare(options);
  std::string usage = fmt::format("npo {}", entry.name);
  for (const Option& option : options.options())
    if (option.argument) usage += argument_usage(option);
  std::string page = fmt::format("npo {}: {}\n\nUsage: {} [FLAGS]\nExample: {}\n", entry.name, entry.summary,
                                 usage, entry.example);
  page += section("Arguments", options, [](const Option& option) { return option.argument; });
  page += section("Flags", options, [](const Option& option) { return !option.argument && !option.common; });
  page += section("Flags of every command", options, [](const Option& option) { return option.common; });
  page +=
      "\nA flag can also stand in a --config file (threads = 2) or the environment (NPO_THREADS=2).\n"
      "A flag beats the environment, the environment the file.\n";
  return page + std::string(exit_codes);
}

}  // namespace npo::cli

#include "host/cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "host/policy.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

std::string names_of(const Option& option) {
  return option.letter ? fmt::format("-{},{}", option.letter, option.shown()) : option.shown();
}

void declare(CLI::App& app, const Option& option, std::vector<std::string>& values) {
  if (option.meta.empty()) {
    app.add_flag_callback(names_of(option), [&values] { values = {"true"}; });
    return;
  }
  CLI::Option* added = app.add_option(names_of(option), values);
  if (option.repeated) {
    added->allow_extra_args(false);
    return;
  }
  added->expected(1, option.many ? 1 << 20 : 1);
  added->allow_extra_args(option.many);
  // Twice the same flag: the last one counts, as it does in a shell alias followed by a correction.
  if (!option.many && !option.argument) added->take_last();
}

[[noreturn]] void refuse_lonely(const std::string& command, const std::string& flag) {
  throw Error(ErrorKind::usage, fmt::format("{} needs a value", flag),
              fmt::format("see npo help {}", command));
}

[[noreturn]] void refuse_word(const std::string& command, const std::string& word, const OptionSet& options) {
  const std::string help = fmt::format("npo help {} lists what there is", command);
  if (!word.starts_with("-"))
    throw Error(ErrorKind::usage, fmt::format("unexpected argument '{}'", word), help);
  const std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const Option& option : options.options())
    if (!option.argument) known.push_back(option.shown());
  const std::string nearest = nearest_name(flag, known);
  throw Error(ErrorKind::usage, fmt::format("unknown flag {}", flag),
              nearest.empty() ? help : fmt::format("did you mean {}?", nearest));
}

}  // namespace

Given parse_command_line(const std::string& command, const std::vector<std::string>& words,
                         const OptionSet& options) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> values;
  for (const Option& option : options.options()) declare(app, option, values[option.name]);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch& mistake) {
    const std::string flag(mistake.what(), std::string_view(mistake.what()).find(':'));
    throw Error(ErrorKind::usage, fmt::format("{} needs a value", flag),
                fmt::format("see npo help {}", command));
  } catch (const CLI::ParseError& mistake) {
    throw Error(ErrorKind::usage, mistake.what(), fmt::format("see npo help {}", command));
  }
  if (const auto left = app.remaining(); !left.empty()) refuse_word(command, left.front(), options);
  for (const Option& option : options.options())
    for (const std::string& value : values[option.name])
      if (value.starts_with("--")) refuse_lonely(command, option.shown());
  std::erase_if(values, [](const auto& entry) { return entry.second.empty(); });
  return values;
}

}  // namespace npo::cli

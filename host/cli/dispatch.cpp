#include "host/cli/dispatch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "host/cli/command.hpp"
#include "host/cli/common_options.hpp"
#include "host/cli/configuration.hpp"
#include "host/cli/help.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/output.hpp"
#include "host/policy.hpp"
#include "host/progress.hpp"
#include "io/version.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

using Words = std::vector<std::string>;

const CommandEntry* find_command(const std::string& name) {
  const auto& table = command_table();
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& e) { return e.name == name; });
  return found == table.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_command(const std::string& name) {
  Words known{"help"};
  for (const CommandEntry& entry : command_table()) known.emplace_back(entry.name);
  const std::string nearest = nearest_name(name, known);
  throw Error(ErrorKind::usage, fmt::format("unknown command '{}'", name),
              nearest.empty() ? "npo help lists the commands" : fmt::format("did you mean {}?", nearest));
}

/// What the words ask for: a command and the words that are left for it.
struct Request {
  const CommandEntry* entry = nullptr;
  Words rest;
};

Request find_request(const Words& words) {
  if (words.size() > 1)
    if (const CommandEntry* entry = find_command(words[0] + " " + words[1]))
      return {entry, Words(words.begin() + 2, words.end())};
  if (const CommandEntry* entry = find_command(words[0]))
    return {entry, Words(words.begin() + 1, words.end())};
  if (is_group(words[0]) && words.size() > 1) refuse_command(words[0] + " " + words[1]);
  if (is_group(words[0]))
    throw Error(ErrorKind::usage, fmt::format("'{}' needs a command", words[0]),
                fmt::format("npo help {} lists them", words[0]));
  refuse_command(words[0]);
}

std::string page_for(const Words& words) {
  if (words.empty()) return overview();
  if (words.size() == 1 && is_group(words[0]) && !find_command(words[0])) return group_page(words[0]);
  return help_page(*find_request(words).entry);
}

ProgressStyle progress_style(const CommonOptions& common) {
  if (common.progress == "none") return ProgressStyle::none;
  if (common.progress == "bar") return ProgressStyle::bar;
  if (common.progress == "json") return ProgressStyle::json;
  return stderr_is_terminal() ? ProgressStyle::bar : ProgressStyle::lines;
}

int run_command(const Request& request) {
  const CommandEntry& entry = *request.entry;
  CommonOptions common;
  OptionSet options;
  common.declare(options);
  const auto command = entry.make();
  command->declare(options);
  const Given given = parse_command_line(std::string(entry.name), request.rest, options);
  if (given.contains("help")) {
    print(help_page(entry));
    return 0;
  }
  resolve(entry, given, options);
  if (common.dump_config) {
    print(common.json ? dump_json(entry, options).dump(2) + "\n" : dump_toml(entry, options));
    return 0;
  }
  require_complete(entry, options);
  RunContext context = common.context();
  const auto progress = common.quiet ? nullptr : make_progress(progress_style(common));
  context.progress = progress.get();
  context.stop = &stop_asked();
  const Report report = command->run(context);
  if (common.json)
    print(write_with_lists(report.json, report.lists, context.threads) + "\n");
  else if (!common.quiet)
    print(report.text);
  return report.exit_code;
}

int answer(const Words& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", overview());
    return static_cast<int>(ErrorKind::usage);
  }
  if (words[0] == "--version") {
    print(fmt::format("npo {}\n", program_version()));
    return 0;
  }
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    print(page_for(Words(words.begin() + 1, words.end())));
    return 0;
  }
  return run_command(find_request(words));
}

/// The command's name for error messages, as far as it is known.
std::string speaker(const Words& words) {
  if (words.empty()) return {};
  if (words.size() > 1 && find_command(words[0] + " " + words[1])) return words[0] + " " + words[1];
  if (find_command(words[0])) return words[0];
  return {};
}

}  // namespace

int dispatch(const Words& words) {
  const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  const auto fail = [&](ErrorKind kind, std::string_view message) {
    return print_error(speaker(words), kind, message, json);
  };
  try {
    return answer(words);
  } catch (const Error& error) {
    return fail(error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::environment, "out of memory; use smaller --batch-rows or --shard-rows");
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, fmt::format("{}; this is a defect of npo", error.what()));
  }
}

}  // namespace npo::cli

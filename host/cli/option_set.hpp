#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kernels/vocabulary.hpp"

namespace npo::cli {

/// Where the value of an option came from, weakest first.
enum class Source { default_value, config_file, environment, flag };

/// Throws Error usage: what the user typed cannot be meant, and what to type instead.
[[noreturn]] void refuse(const std::string& problem, const std::string& remedy);

/// One flag or argument. Values arrive as text from whichever source wins and go through `assign` once.
struct Option {
  std::string
      name;  ///< long flag without dashes, for example "batch-rows"; for an argument its title, "SCENARIOS"
  std::string meta = {};  ///< what a value looks like in help, for example "N"; empty for a switch
  std::string help = {};
  char letter = 0;        ///< one-letter form, 0: none
  bool argument = false;  ///< given by position instead of by name
  bool required = false;
  bool many = false;       ///< takes one or more values
  bool repeated = false;   ///< may be given several times, with one value each
  bool common = false;     ///< every command takes it
  bool flag_only = false;  ///< makes no sense in a configuration file or the environment
  std::function<void(const std::vector<std::string>&)>
      assign;                             ///< throws Error(usage) without naming the option
  std::function<nlohmann::json()> value;  ///< null when nothing is set
  Source source = Source::default_value;

  /// The name in configuration files: "batch_rows".
  std::string key() const;
  /// The environment variable: "NPO_BATCH_ROWS".
  std::string variable() const;
  /// As a person would name it: "--batch-rows", or the argument's title.
  std::string shown() const;
};

/// The options of one command, bound to the fields of its options struct. The fields' own values are the
/// defaults.
class OptionSet {
 public:
  Option& toggle(const std::string& name, bool& field, const std::string& help);
  Option& text(const std::string& name, const std::string& meta, std::string& field, const std::string& help);
  Option& choice(const std::string& name, std::string& field, const std::vector<std::string>& words,
                 const std::string& help);
  Option& path(const std::string& name, std::filesystem::path& field, const std::string& help);
  Option& paths(const std::string& name, std::vector<std::filesystem::path>& field, const std::string& help);
  /// Comma-separated names.
  Option& list(const std::string& name, const std::string& meta, std::vector<std::string>& field,
               const std::string& help);
  Option& count(const std::string& name, std::uint64_t& field, std::uint64_t least, const std::string& help,
                std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  Option& count(const std::string& name, std::optional<std::uint64_t>& field, std::uint64_t least,
                const std::string& help);
  Option& count(const std::string& name, std::optional<std::int64_t>& field, std::int64_t least,
                const std::string& help);
  Option& count(const std::string& name, int& field, int least, const std::string& help, int most);
  Option& real(const std::string& name, double& field, double least, double most, const std::string& help);
  Option& time(const std::string& name, std::optional<UnixSeconds>& field, const std::string& help);
  Option& duration(const std::string& name, std::int64_t& field, const std::string& help);
  /// An option with its own way to read and show values.
  Option& custom(Option option);

  const std::vector<Option>& options() const { return options_; }
  std::vector<Option>& options() { return options_; }
  Option* find_key(const std::string& key);

 private:
  std::vector<Option> options_;
};

/// Turns an option into an argument given by position.
inline Option& by_position(Option& option) {
  option.argument = option.required = true;
  return option;
}
inline Option& required(Option& option) {
  option.required = true;
  return option;
}

}  // namespace npo::cli

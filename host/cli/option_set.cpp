#include "host/cli/option_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

using Values = std::vector<std::string>;

/// A number written in full, digits only where the type is a whole one ("1e6" and "12x" are mistakes).
template <class Number>
Number number_in(const std::string& text, Number least, Number most, const std::string& allowed) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most))
    refuse(fmt::format("= {} is not {}", text, allowed), "");
  return value;
}

template <class Number>
std::string range_text(Number least, Number most) {
  if (most == std::numeric_limits<Number>::max()) return fmt::format("a whole number of at least {}", least);
  return fmt::format("a whole number from {} to {}", least, most);
}

template <class Text>
nlohmann::json text_or_null(const Text& text) {
  return text.empty() ? nlohmann::json() : nlohmann::json(std::string(text));
}

template <class Number>
nlohmann::json number_or_null(const Number& field) {
  return field;
}
template <class Number>
nlohmann::json number_or_null(const std::optional<Number>& field) {
  return field ? nlohmann::json(*field) : nlohmann::json();
}

template <class Field, class Number>
Option count_option(const std::string& name, Field& field, Number least, Number most,
                    const std::string& help) {
  const auto assign = [&field, least, most](const Values& values) {
    field = number_in(values.front(), least, most, range_text(least, most));
  };
  return {.name = name, .meta = "N", .help = help, .assign = assign, .value = [&field] {
            return number_or_null(field);
          }};
}

Values split_at_commas(const Values& values) {
  Values parts;
  for (const std::string& value : values) {
    std::size_t from = 0;
    while (from <= value.size()) {
      const std::size_t comma = std::min(value.find(',', from), value.size());
      parts.push_back(value.substr(from, comma - from));
      from = comma + 1;
    }
  }
  return parts;
}

}  // namespace

void refuse(const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, problem, remedy);
}

std::string Option::key() const {
  std::string key(name);
  for (char& c : key) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

std::string Option::variable() const {
  std::string variable = "NPO_" + key();
  for (char& c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::string Option::shown() const {
  return argument ? name : "--" + name;
}

Option& OptionSet::custom(Option option) {
  options_.push_back(std::move(option));
  return options_.back();
}

Option& OptionSet::toggle(const std::string& name, bool& field, const std::string& help) {
  const auto assign = [&field](const Values& values) {
    if (values.front() != "true" && values.front() != "false")
      refuse(fmt::format("= {} is not true or false", values.front()), "");
    field = values.front() == "true";
  };
  return custom({.name = name, .help = help, .assign = assign, .value = [&field] { return field; }});
}

Option& OptionSet::text(const std::string& name, const std::string& meta, std::string& field,
                        const std::string& help) {
  return custom({.name = name,
                 .meta = meta,
                 .help = help,
                 .assign = [&field](const Values& values) { field = values.front(); },
                 .value = [&field] { return text_or_null(field); }});
}

Option& OptionSet::choice(const std::string& name, std::string& field, const std::vector<std::string>& words,
                          const std::string& help) {
  const auto assign = [&field, words](const Values& values) {
    const std::string& word = values.front();
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      const std::string nearest = nearest_name(word, words);
      refuse(fmt::format("= {} is unknown{}", word, nearest.empty() ? "" : ", did you mean " + nearest + "?"),
             fmt::format("choose one of {}", fmt::join(words, ", ")));
    }
    field = word;
  };
  return custom({.name = name,
                 .meta = fmt::format("{}", fmt::join(words, "|")),
                 .help = help,
                 .assign = assign,
                 .value = [&field] { return text_or_null(field); }});
}

Option& OptionSet::path(const std::string& name, std::filesystem::path& field, const std::string& help) {
  const auto assign = [&field](const Values& values) {
    if (values.front().empty()) refuse("is empty", "give a path");
    field = values.front();
  };
  return custom({.name = name, .meta = "PATH", .help = help, .assign = assign, .value = [&field] {
                   return text_or_null(field.string());
                 }});
}

Option& OptionSet::paths(const std::string& name, std::vector<std::filesystem::path>& field,
                         const std::string& help) {
  const auto assign = [&field](const Values& values) { field.assign(values.begin(), values.end()); };
  const auto value = [&field] {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& path : field) list.push_back(path.string());
    return list.empty() ? nlohmann::json() : list;
  };
  return custom({.name = name, .meta = "PATH", .help = help, .many = true, .assign = assign, .value = value});
}

Option& OptionSet::list(const std::string& name, const std::string& meta, std::vector<std::string>& field,
                        const std::string& help) {
  const auto assign = [&field](const Values& values) { field = split_at_commas(values); };
  return custom({.name = name, .meta = meta, .help = help, .assign = assign, .value = [&field] {
                   return field.empty() ? nlohmann::json() : nlohmann::json(field);
                 }});
}

Option& OptionSet::count(const std::string& name, std::uint64_t& field, std::uint64_t least,
                         const std::string& help, std::uint64_t most) {
  return custom(count_option(name, field, least, most, help));
}

Option& OptionSet::count(const std::string& name, int& field, int least, const std::string& help, int most) {
  return custom(count_option(name, field, least, most, help));
}

Option& OptionSet::count(const std::string& name, std::optional<std::uint64_t>& field, std::uint64_t least,
                         const std::string& help) {
  return custom(count_option(name, field, least, std::numeric_limits<std::uint64_t>::max(), help));
}

Option& OptionSet::count(const std::string& name, std::optional<std::int64_t>& field, std::int64_t least,
                         const std::string& help) {
  return custom(count_option(name, field, least, std::numeric_limits<std::int64_t>::max(), help));
}

Option& OptionSet::real(const std::string& name, double& field, double least, double most,
                        const std::string& help) {
  const auto assign = [&field, least, most](const Values& values) {
    field = number_in(values.front(), least, most, fmt::format("a number from {} to {}", least, most));
  };
  return custom(
      {.name = name, .meta = "X", .help = help, .assign = assign, .value = [&field] { return field; }});
}

Option& OptionSet::time(const std::string& name, std::optional<UnixSeconds>& field, const std::string& help) {
  return custom(
      {.name = name,
       .meta = "TIME",
       .help = help,
       .assign = [&field](const Values& values) { field = parse_time(values.front()); },
       .value = [&field] { return field ? nlohmann::json(format_time(*field)) : nlohmann::json(); }});
}

Option& OptionSet::duration(const std::string& name, std::int64_t& field, const std::string& help) {
  return custom({.name = name,
                 .meta = "DURATION",
                 .help = help,
                 .assign = [&field](const Values& values) { field = parse_duration(values.front()); },
                 .value = [&field] { return format_duration(field); }});
}

Option* OptionSet::find_key(const std::string& key) {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const Option& option) { return option.key() == key; });
  return found == options_.end() ? nullptr : &*found;
}

}  // namespace npo::cli

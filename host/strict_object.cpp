#include "host/strict_object.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::string kind_of(const nlohmann::json& value) {
  if (value.is_string()) return "text";
  if (value.is_boolean()) return "true or false";
  if (value.is_number_integer()) return "a whole number";
  if (value.is_number()) return "a number";
  if (value.is_array()) return "a list";
  if (value.is_object()) return "a table";
  return "not a finite number";
}

}  // namespace

bool Range::holds(double value) const {
  return (includes_lo ? value >= lo : value > lo) && (includes_hi ? value <= hi : value < hi);
}

std::string Range::text() const {
  return fmt::format("{}{}, {}{}", includes_lo ? '[' : '(', lo, hi, includes_hi ? ']' : ')');
}

StrictObject::StrictObject(const nlohmann::json& object, std::string origin, std::string path)
    : object_(object), origin_(std::move(origin)), path_(std::move(path)) {
  if (!object_.is_object())
    throw Error(ErrorKind::usage, fmt::format("{}: {} is {} where a table is expected", origin_,
                                              path_.empty() ? "the document" : path_, kind_of(object_)));
}

std::string StrictObject::full(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void StrictObject::refuse(const std::string& key, const std::string& complaint,
                          const std::string& remedy) const {
  throw Error(ErrorKind::usage, fmt::format("{}: {} {}", origin_, full(key), complaint), remedy);
}

bool StrictObject::has(const std::string& key) const {
  return object_.contains(key);
}

const nlohmann::json* StrictObject::child(const std::string& key) {
  known_.push_back(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

void StrictObject::number(const std::string& key, Range range, double& value) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  if (!given->is_number())
    refuse(key, fmt::format("is {}", kind_of(*given)), fmt::format("give a number in {}", range.text()));
  const double read = given->get<double>();
  if (!range.holds(read))
    refuse(key, fmt::format("= {} is out of range", read), fmt::format("allowed is {}", range.text()));
  value = read;
}

void StrictObject::number(const std::string& key, Range range, float& value) {
  double read = value;
  number(key, range, read);
  value = static_cast<float>(read);
}

void StrictObject::whole(const std::string& key, Range range, std::int64_t& value) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  if (!given->is_number_integer())
    refuse(key, fmt::format("is {}", kind_of(*given)),
           fmt::format("give a whole number in {}", range.text()));
  // Beyond 2^53 a double no longer tells neighbours apart; no range here reaches that far.
  if (!range.holds(given->get<double>()) || given->get<double>() > 9007199254740992.0)
    refuse(key, fmt::format("= {} is out of range", given->dump()),
           fmt::format("allowed is {}", range.text()));
  value = given->get<std::int64_t>();
}

void StrictObject::whole(const std::string& key, Range range, int& value) {
  range.hi = std::min(range.hi, static_cast<double>(std::numeric_limits<int>::max()));
  std::int64_t read = value;
  whole(key, range, read);
  value = static_cast<int>(read);
}

void StrictObject::toggle(const std::string& key, bool& value) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  if (!given->is_boolean()) refuse(key, fmt::format("is {}", kind_of(*given)), "write true or false");
  value = given->get<bool>();
}

void StrictObject::text(const std::string& key, std::string& value) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  if (!given->is_string()) refuse(key, fmt::format("is {}", kind_of(*given)), "give a text in quotes");
  value = given->get<std::string>();
}

void StrictObject::texts(const std::string& key, std::vector<std::string>& values) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  const auto is_text = [](const nlohmann::json& entry) { return entry.is_string(); };
  if (!given->is_array() || !std::all_of(given->begin(), given->end(), is_text))
    refuse(key, fmt::format("is {}", given->is_array() ? "not a list of texts" : kind_of(*given)),
           "give a list of texts, for example [\"a\", \"b\"]");
  values = given->get<std::vector<std::string>>();
}

void StrictObject::numbers(const std::string& key, std::vector<double>& values) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  const auto is_number = [](const nlohmann::json& entry) { return entry.is_number(); };
  if (!given->is_array() || !std::all_of(given->begin(), given->end(), is_number))
    refuse(key, fmt::format("is {}", given->is_array() ? "not a list of numbers" : kind_of(*given)),
           "give a list of numbers, for example [0.5, 0.7]");
  values = given->get<std::vector<double>>();
}

void StrictObject::duration(const std::string& key, Range range, std::int64_t& seconds) {
  const nlohmann::json* given = child(key);
  if (!given) return;
  if (!given->is_string()) {
    known_.pop_back();
    return whole(key, range, seconds);
  }
  const auto read = try_parse_duration(given->get<std::string>());
  if (!read)
    refuse(key, fmt::format("= {} is not a duration", given->dump()),
           "write \"7d\", \"12h\", \"90s\" or seconds");
  if (!range.holds(static_cast<double>(*read)))
    refuse(key, fmt::format("= {} is out of range", given->dump()),
           fmt::format("allowed is {} seconds", range.text()));
  seconds = *read;
}

void StrictObject::word(const std::string& key, const std::vector<std::string>& allowed, std::string& value) {
  const std::size_t index = choose(key, allowed);
  if (index < allowed.size()) value = allowed[index];
}

std::size_t StrictObject::choose(const std::string& key, const std::vector<std::string>& names) {
  const nlohmann::json* given = child(key);
  if (!given) return names.size();
  const std::string remedy = fmt::format("choose one of {}", fmt::join(names, ", "));
  if (!given->is_string()) refuse(key, fmt::format("is {}", kind_of(*given)), remedy);
  const std::string word = given->get<std::string>();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == word) return i;
  const std::string nearest = nearest_name(word, names);
  refuse(key,
         fmt::format("= \"{}\" is unknown{}", word,
                     nearest.empty() ? "" : ", did you mean \"" + nearest + "\"?"),
         remedy);
}

void StrictObject::finish() const {
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string nearest = nearest_name(key, known_);
    if (nearest.empty())
      throw Error(ErrorKind::usage, fmt::format("{}: unknown key {}", origin_, full(key)),
                  fmt::format("known here: {}", fmt::join(known_, ", ")));
    throw Error(ErrorKind::usage, fmt::format("{}: unknown key {}", origin_, full(key)),
                fmt::format("did you mean {}?", full(nearest)));
  }
}

}  // namespace npo

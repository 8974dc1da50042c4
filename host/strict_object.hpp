#pragma once
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace npo {

/// Values a number may take.
struct Range {
  double lo, hi;
  bool includes_lo = true, includes_hi = true;
  bool holds(double value) const;  ///< false for NaN
  std::string text() const;        ///< for example "(0, 1]"
};
inline constexpr double unbounded = std::numeric_limits<double>::infinity();
constexpr Range closed(double lo, double hi) {
  return {lo, hi, true, true};
}
constexpr Range open(double lo, double hi) {
  return {lo, hi, false, false};
}
constexpr Range open_below(double lo, double hi) {
  return {lo, hi, false, true};
}
constexpr Range at_least(double lo) {
  return {lo, unbounded, true, false};
}
constexpr Range above(double lo) {
  return {lo, unbounded, false, false};
}

/// The names of an enum's values in configuration files.
template <class Enum>
using Names = std::span<const std::pair<std::string_view, Enum>>;

template <class Enum>
std::string_view name_in(std::type_identity_t<Names<Enum>> names, Enum value) {
  for (const auto& [name, entry] : names)
    if (entry == value) return name;
  return {};
}

/// Reads one object of a configuration so strictly that a slip of the pen cannot pass: each reader takes one
/// key, leaves the given value (the default) where the key is absent, and throws Error(usage) naming origin,
/// key and what is allowed where the value is of the wrong type or out of range. `finish` refuses every key
/// that no reader asked for, naming the nearest one that was.
class StrictObject {
 public:
  /// `path` is the object's own key within the document, empty for its root.
  StrictObject(const nlohmann::json& object, std::string origin, std::string path);

  bool has(const std::string& key) const;
  void number(const std::string& key, Range range, double& value);
  void number(const std::string& key, Range range, float& value);
  void whole(const std::string& key, Range range, std::int64_t& value);
  void whole(const std::string& key, Range range, int& value);
  void toggle(const std::string& key, bool& value);
  void text(const std::string& key, std::string& value);
  void texts(const std::string& key, std::vector<std::string>& values);
  void numbers(const std::string& key, std::vector<double>& values);
  /// Seconds, or a text such as "7d".
  void duration(const std::string& key, Range range, std::int64_t& seconds);
  template <class Enum>
  void choice(const std::string& key, std::type_identity_t<Names<Enum>> names, Enum& value);
  void word(const std::string& key, const std::vector<std::string>& allowed, std::string& value);
  /// The value of `key` for the caller to read, or null.
  const nlohmann::json* child(const std::string& key);

  void finish() const;

  const std::string& origin() const { return origin_; }
  /// `key` with its path, as errors name it.
  std::string full(const std::string& key) const;
  /// Throws Error(usage): "<origin>: <key> <complaint>; <remedy>".
  [[noreturn]] void refuse(const std::string& key, const std::string& complaint,
                           const std::string& remedy) const;

 private:
  /// Index of the given word among `names`, or `names.size()` when the key is absent.
  std::size_t choose(const std::string& key, const std::vector<std::string>& names);

  const nlohmann::json& object_;
  std::string origin_, path_;
  std::vector<std::string> known_;
};

template <class Enum>
void StrictObject::choice(const std::string& key, std::type_identity_t<Names<Enum>> names, Enum& value) {
  std::vector<std::string> words;
  for (const auto& entry : names) words.emplace_back(entry.first);
  const std::size_t index = choose(key, words);
  if (index < names.size()) value = names[index].second;
}

}  // namespace npo

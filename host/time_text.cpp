#include "host/time_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include "io/csv/timestamp.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The two digits at `at`, or nothing when they are not two digits below `limit`.
std::optional<std::uint32_t> two_digits(std::string_view text, std::size_t at, std::int64_t limit) {
  if (text.size() < at + 2) return std::nullopt;
  const auto value = whole_number(text.substr(at, 2));
  if (!value || *value < 0 || *value >= limit || text[at] == '-') return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::int64_t longest = 10000LL * 366 * 86400;
constexpr std::array<Unit, 5> units{{{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

}  // namespace

UnixSeconds parse_time(std::string_view text) {
  const csv::ParsedTimestamp parsed = csv::parse_timestamp(text);
  if (!parsed.seconds)
    throw Error(ErrorKind::usage, fmt::format("'{}' {}", text, parsed.problem), parsed.remedy);
  return *parsed.seconds;
}

std::string format_time(UnixSeconds time) {
  const std::chrono::sys_seconds instant{std::chrono::seconds{time}};
  const auto midnight = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{midnight};
  const auto clock = (instant - midnight).count();
  const std::string day = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (clock == 0) return day;
  return fmt::format("{}T{}Z", day, format_time_of_day(static_cast<std::uint32_t>(clock)));
}

std::optional<std::int64_t> try_parse_duration(std::string_view text) {
  std::int64_t scale = 1;
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.letter)) continue;
    scale = unit.seconds;
    text.remove_suffix(1);
    break;
  }
  const auto count = whole_number(text);
  if (!count || *count < 0 || *count > longest / scale) return std::nullopt;
  return *count * scale;
}

std::int64_t parse_duration(std::string_view text) {
  if (const auto seconds = try_parse_duration(text)) return *seconds;
  throw Error(ErrorKind::usage, fmt::format("'{}' is not a duration", text),
              "write 7d, 12h, 30m, 90s, 2w or seconds");
}

std::string format_duration(std::int64_t seconds) {
  for (const Unit& unit : units) {
    // Weeks are read, but days are what people compare.
    if (unit.letter != 'w' && seconds != 0 && seconds % unit.seconds == 0)
      return fmt::format("{}{}", seconds / unit.seconds, unit.letter);
  }
  return "0s";
}

std::optional<std::uint32_t> try_parse_time_of_day(std::string_view text) {
  const bool shaped = (text.size() == 5 || (text.size() == 8 && text[5] == ':')) && text[2] == ':';
  const auto hour = two_digits(text, 0, 24), minute = two_digits(text, 3, 60);
  const auto second = text.size() == 5 ? std::optional<std::uint32_t>(0) : two_digits(text, 6, 60);
  if (!shaped || !hour || !minute || !second) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

std::uint32_t parse_time_of_day(std::string_view text) {
  if (const auto seconds = try_parse_time_of_day(text)) return *seconds;
  throw Error(ErrorKind::usage, fmt::format("'{}' is not a time of day", text), "write 22:00 or 22:00:30");
}

std::string format_time_of_day(std::uint32_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace npo

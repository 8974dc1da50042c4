#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/vocabulary.hpp"

/// Times and durations as people write them in flags and configuration files. All times are UTC unless they
/// say otherwise.
namespace npo {

/// `2013-04-20`, `2013-04-20T06:30:15Z` (or an offset such as +02:00), or seconds since 1970; the forms of
/// CSV import. Error(usage) shows them.
UnixSeconds parse_time(std::string_view text);
/// `2013-04-20T06:30:15Z`, or the date alone at midnight.
std::string format_time(UnixSeconds time);

/// `7d`, `12h`, `30m`, `90s`, `2w` or plain seconds; not negative. Error(usage) shows the forms.
std::int64_t parse_duration(std::string_view text);
/// The same, or nothing when it is none.
std::optional<std::int64_t> try_parse_duration(std::string_view text);
/// In the largest unit that divides it: 604800 is `7d`.
std::string format_duration(std::int64_t seconds);

/// `22:00` or `22:00:30` as seconds of the day, 0 to 86399. Error(usage) shows the form.
std::uint32_t parse_time_of_day(std::string_view text);
/// The same, or nothing when it is none.
std::optional<std::uint32_t> try_parse_time_of_day(std::string_view text);
std::string format_time_of_day(std::uint32_t seconds);

}  // namespace npo

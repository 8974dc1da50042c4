#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/vocabulary.hpp"

/// Times and durations as people write them.
namespace npo {

/// A time that was read, or why the text is none.
struct ParsedTime {
  std::optional<UnixSeconds> seconds;
  std::string problem;  ///< completes "'abc' ..."; empty when there is a time
  std::string remedy;
};

/// Reads "YYYY-MM-DD" (midnight UTC), an ISO 8601 date and time with a zone ("2013-04-10T06:30:00Z",
/// "2013-04-10 06:30:00.25+02:00"; fractions are cut off), or integer seconds since 1970-01-01T00:00:00Z.
/// Years 1 to 9999.
ParsedTime parse_time(std::string_view text);

/// "2013-04-10", the UTC day of `time`.
std::string format_date(UnixSeconds time);
/// "2013-04-10T06:30:00Z".
std::string format_time(UnixSeconds time);

/// Midnight UTC of the day that holds `time`, for times before 1970 too.
constexpr UnixSeconds day_of(UnixSeconds time) {
  const UnixSeconds second = time % seconds_per_day;
  return time - (second < 0 ? second + seconds_per_day : second);
}

/// Reads "7d", "12h", "30m", "45s" or plain seconds; Error(usage) on anything else or a negative one.
std::int64_t parse_duration(std::string_view text);

}  // namespace npo

#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kernels/vocabulary.hpp"

namespace npo::csv {

/// A time that was read, or why the text is none.
struct ParsedTimestamp {
  std::optional<UnixSeconds> seconds;
  std::string problem;  ///< completes "'abc' ..."; empty when there is a time
  std::string remedy;
};

/// Reads "YYYY-MM-DD" (midnight UTC), an ISO 8601 date and time with a zone ("2013-04-10T06:30:00Z",
/// "2013-04-10 06:30:00.25+02:00"; fractions are cut off), or integer seconds since 1970-01-01T00:00:00Z.
/// Years 1 to 9999.
ParsedTimestamp parse_timestamp(std::string_view text);

/// Midnight UTC of the day that holds `time`, for times before 1970 too.
constexpr UnixSeconds day_of(UnixSeconds time) {
  const UnixSeconds second = time % seconds_per_day;
  return time - (second < 0 ? second + seconds_per_day : second);
}

}  // namespace npo::csv

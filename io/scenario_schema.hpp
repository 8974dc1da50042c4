#pragma once
#include <cstdint>
#include <string>

#include "io/h5_file.hpp"
#include "io/scenario_file.hpp"

/// Private to io/: names, types and attributes of the datasets of a scenario file, for its reader and its
/// writer.
namespace npo::scenario {

inline constexpr const char* format = "npo.scenarios";

inline constexpr const char* id = "scenarios/id";
inline constexpr const char* fleet = "scenarios/fleet";
inline constexpr const char* time = "scenarios/time";
inline constexpr const char* features = "scenarios/features";
inline constexpr const char* feature = "scenarios/feature";
inline constexpr const char* label = "scenarios/label";
inline constexpr const char* label_known_at = "scenarios/label_known_at";
inline constexpr const char* fleet_name = "fleets/name";
inline constexpr const char* night_time = "nights/time";
inline constexpr const char* night_first_row = "nights/first_row";
inline constexpr const char* night_rows = "nights/rows";

inline constexpr const char* label_horizon = "label_horizon";
inline constexpr const char* provenance = "provenance";

/// CF's words for our times.
inline constexpr const char* time_units = "seconds since 1970-01-01T00:00:00Z";

/// Throws Error(bad_data) unless the header is one a file may have: names given, not empty, not twice, within
/// limits. `file` is named in the message.
void check_names(const ScenarioHeader& header, const std::string& file);

/// Throws Error(bad_data) unless nights ascend, start at midnight UTC, hold rows and cover `rows` in order.
void check_nights(const std::vector<Night>& nights, std::uint64_t rows, const std::string& file);

/// "2013-04-20" of a time.
std::string date_text(UnixSeconds time);

/// Rows to look at in one go when all of a column is read: about 4 MiB, at most 65536 rows.
std::uint64_t piece_rows(std::size_t row_bytes);

}  // namespace npo::scenario

#include "io/scenario_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <unordered_set>

#include "kernels/error.hpp"

namespace npo::scenario {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& problem,
                         const std::string& remedy = {}) {
  throw Error(ErrorKind::bad_data, file + ": " + problem, remedy);
}

void check_table(std::span<const std::string> names, const char* dataset, const std::string& file) {
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) refuse(file, fmt::format("dataset {}: row {} is an empty name", dataset, i));
    if (!seen.insert(names[i]).second)
      refuse(file, fmt::format("dataset {}: row {}: '{}' occurs twice", dataset, i, names[i]),
             "names must differ");
  }
}

}  // namespace

std::string date_text(UnixSeconds time) {
  const auto days =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time)));
  const std::chrono::year_month_day date(days);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

void check_names(const ScenarioHeader& header, const std::string& file) {
  if (header.features.empty() || header.features.size() > max_features)
    refuse(file, fmt::format("{} features, expected 1 to {}", header.features.size(), max_features));
  if (header.id.bytes == 0 || header.id.bytes % 8 != 0 || header.id.bytes > max_id_bytes)
    refuse(file, fmt::format("dataset {}: text ids of {} bytes", id, header.id.bytes),
           fmt::format("store null-padded text of 8, 16, ... or {} bytes", max_id_bytes));
  check_table(header.features, feature, file);
  check_table(header.fleets, fleet_name, file);
  if (header.labelled && header.label_horizon < 0)
    refuse(file, fmt::format("attribute {} is {}, expected 0 or more seconds", label_horizon,
                             header.label_horizon));
}

void check_nights(const std::vector<Night>& nights, std::uint64_t rows, const std::string& file) {
  if (rows == 0) refuse(file, "no scenarios", "there is nothing to decide about");
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < nights.size(); ++i) {
    const Night& night = nights[i];
    if (night.time % seconds_per_day != 0)
      refuse(file,
             fmt::format("dataset {}: row {} is {}, which is not midnight UTC", night_time, i, night.time),
             "store the start of the day, a multiple of 86400");
    if (i > 0 && night.time <= nights[i - 1].time)
      refuse(file,
             fmt::format("dataset {}: row {} ({}) does not come after the one before", night_time, i,
                         date_text(night.time)),
             "sort the nights by time");
    if (night.first_row != next || night.rows == 0 || night.rows > rows - next)
      refuse(
          file,
          fmt::format(
              "nights do not cover the rows in order: night {} ({}) has first_row {} and rows {}, expected "
              "first_row {} and 1 to {} rows",
              i, date_text(night.time), night.first_row, night.rows, next, rows - next));
    next += night.rows;
  }
  if (next != rows) refuse(file, fmt::format("nights cover {} of {} rows", next, rows));
}

std::uint64_t piece_rows(std::size_t row_bytes) {
  constexpr std::size_t bytes = std::size_t{4} << 20;
  return std::clamp<std::uint64_t>(bytes / row_bytes, 1, 65536);
}

}  // namespace npo::scenario

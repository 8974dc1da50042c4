#include "io/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "io/h5_types.hpp"
#include "io/scenario_schema.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using h5::Type;
namespace columns = scenario;

[[noreturn]] void refuse(const h5::ReadFile& file, const std::string& dataset, const std::string& problem,
                         const std::string& remedy = {}) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: dataset {} {}", file.path().string(), dataset, problem),
              remedy);
}

/// A column of `rows` rows of the given type.
ColumnReader open_column(const h5::ReadFile& file, const char* name, Type type, std::uint64_t rows,
                         std::size_t width = 1) {
  ColumnReader column(file, name);
  const h5::DatasetInfo& info = column.info();
  if (info.type != type)
    refuse(
        file, name,
        fmt::format("holds {}, expected {}", h5::type_name(info.type, info.text_bytes), h5::type_name(type)));
  const std::size_t rank = std::string_view(name) == columns::features ? 2 : 1;
  if (info.dims.size() != rank)
    refuse(file, name, fmt::format("has rank {}, expected {}", info.dims.size(), rank));
  if (rank == 2 && info.dims[1] != width)
    refuse(file, name, fmt::format("has {} columns, but {} names {}", info.dims[1], columns::feature, width));
  if (column.rows() != rows)
    refuse(file, name, fmt::format("has {} rows, but {} has {}", column.rows(), columns::id, rows),
           "all columns of a scenario file have one length");
  return column;
}

IdType id_type(const h5::ReadFile& file, const h5::DatasetInfo& info) {
  if (info.dims.size() != 1)
    refuse(file, columns::id, fmt::format("has rank {}, expected 1", info.dims.size()));
  if (info.type == Type::text) return {true, info.text_bytes};
  if (info.type != Type::u64)
    refuse(file, columns::id,
           fmt::format("holds {}, expected uint64 or fixed-length text",
                       h5::type_name(info.type, info.text_bytes)));
  return {};
}

/// A column that npo does not know would be ignored silently, and somebody meant something by it.
void refuse_extra_columns(const h5::ReadFile& file) {
  constexpr std::array known{columns::id,      columns::fleet, columns::time,          columns::features,
                             columns::feature, columns::label, columns::label_known_at};
  for (const auto& name : file.members("scenarios"))
    if (const std::string path = "scenarios/" + name; std::ranges::find(known, path) == known.end())
      refuse(file, path, "is not part of the format", "make it a column of scenarios/features, or remove it");
}

std::vector<Night> read_nights(const h5::ReadFile& file) {
  const auto time = file.read_all<std::int64_t>(columns::night_time);
  const auto first = file.read_all<std::uint64_t>(columns::night_first_row);
  const auto rows = file.read_all<std::uint64_t>(columns::night_rows);
  if (first.size() != time.size() || rows.size() != time.size())
    refuse(file, columns::night_first_row,
           fmt::format("and {} must be as long as {}", columns::night_rows, columns::night_time));
  std::vector<Night> nights(time.size());
  for (std::size_t i = 0; i < nights.size(); ++i) nights[i] = {time[i], first[i], rows[i]};
  return nights;
}

ScenarioHeader read_header(const h5::ReadFile& file, const ColumnReader& id) {
  ScenarioHeader header;
  header.id = id_type(file, id.info());
  header.features = file.read_text(columns::feature);
  header.fleets = file.read_text(columns::fleet_name);
  header.nights = read_nights(file);
  header.labelled = file.has(columns::label);
  if (header.labelled) header.label_horizon = file.int_attribute(columns::label_horizon);
  if (file.has_attribute(columns::provenance)) header.provenance = file.text_attribute(columns::provenance);
  columns::check_names(header, file.path().string());
  columns::check_nights(header.nights, id.rows(), file.path().string());
  return header;
}

const ColumnReader& labelled(const std::optional<ColumnReader>& column, const std::filesystem::path& path) {
  if (column) return *column;
  throw Error(ErrorKind::bad_data, fmt::format("{} has no labels", path.string()),
              "import it with --label, or give a labelled file");
}

}  // namespace

ScenarioFile::ScenarioFile(const std::filesystem::path& path) : path_(path) {
  file_.emplace(path);
  file_->require_format(columns::format, scenario_format_version);
  refuse_extra_columns(*file_);
  id_.emplace(*file_, columns::id);
  rows_ = id_->rows();
  header_ = read_header(*file_, *id_);
  fleet_ = open_column(*file_, columns::fleet, Type::u32, rows_);
  time_ = open_column(*file_, columns::time, Type::i64, rows_);
  features_ = open_column(*file_, columns::features, Type::f32, rows_, dim());
  if (!header_.labelled) {
    if (file_->has(columns::label_known_at))
      refuse(*file_, columns::label_known_at, "is there, but no labels are");
    return;
  }
  label_ = open_column(*file_, columns::label, Type::u8, rows_);
  known_ = open_column(*file_, columns::label_known_at, Type::i64, rows_);
}

const Night& ScenarioFile::night_at(UnixSeconds time) const {
  const auto& nights = header_.nights;
  const auto after = std::ranges::upper_bound(nights, time, {}, &Night::time);
  if (after != nights.begin() && time - std::prev(after)->time < seconds_per_day) return *std::prev(after);
  constexpr std::size_t most_listed = 40;
  std::string dates;
  for (std::size_t i = 0; i < std::min(nights.size(), most_listed); ++i)
    dates += (i ? ", " : "") + columns::date_text(nights[i].time);
  if (nights.size() > most_listed) dates += fmt::format(", ... {}", columns::date_text(nights.back().time));
  throw Error(ErrorKind::usage, fmt::format("{} has no night {}", path_.string(), columns::date_text(time)),
              "its nights are " + dates);
}

RowWindow ScenarioFile::features(std::uint64_t first, std::uint64_t count) const {
  return features_->read(first, count);
}
std::uint64_t ScenarioFile::features_at_a_time() const {
  return features_->rows_at_a_time();
}
RowWindow ScenarioFile::stored_ids(std::uint64_t first, std::uint64_t count) const {
  return id_->read(first, count);
}
RowWindow ScenarioFile::fleets(std::uint64_t first, std::uint64_t count) const {
  return fleet_->read(first, count);
}
RowWindow ScenarioFile::times(std::uint64_t first, std::uint64_t count) const {
  return time_->read(first, count);
}
RowWindow ScenarioFile::labels(std::uint64_t first, std::uint64_t count) const {
  return labelled(label_, path_).read(first, count);
}
RowWindow ScenarioFile::label_known_at(std::uint64_t first, std::uint64_t count) const {
  return labelled(known_, path_).read(first, count);
}

}  // namespace npo

#include <fmt/format.h>

#include <algorithm>

#include "io/atomic_file.hpp"
#include "io/h5_file.hpp"
#include "io/scenario_columns.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr const char* not_the_same =
    "the disk or the memory is faulty: check them and run the same command again";

}  // namespace

struct ScenarioWriter::Impl {
  ScenarioHeader header;
  std::uint64_t rows, filled = 0;
  std::vector<ScenarioColumn> columns;
  std::vector<ColumnDigest> digests;
  AtomicFile file;
  std::optional<h5::WriteFile> out;

  Impl(const std::filesystem::path& path, const ScenarioHeader& given, std::uint64_t row_count,
       h5::Compression compression, bool overwrite)
      : header(given), rows(row_count), columns(scenario_columns(given)), file(path, overwrite) {
    scenario::check_names(header, path.string());
    file.attempt([&](const std::filesystem::path& temporary) {
      out.emplace(temporary, compression);
      for (const auto& column : columns) {
        out->create(column.spec, rows);
        digests.emplace_back(column.row_bytes);
      }
    });
  }

  void append(const ScenarioRows& piece) {
    const std::uint64_t count = piece.fleet.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto bytes = columns[i].bytes(piece);
      if (bytes.size() != count * columns[i].row_bytes)
        throw Error(ErrorKind::internal,
                    fmt::format("{}: {} bytes do not fit {} rows", columns[i].name, bytes.size(), count));
      out->write(columns[i].name, filled, count, bytes);
      digests[i].add(bytes);
    }
    filled += count;
  }

  void write_header() {
    out->format(scenario::format, scenario_format_version);
    if (header.labelled) out->attribute(scenario::label_horizon, header.label_horizon);
    if (!header.provenance.empty()) out->attribute(scenario::provenance, header.provenance);
    out->text_column({.name = scenario::feature, .long_name = "name of the feature"}, header.features);
    out->text_column({.name = scenario::fleet_name, .long_name = "name of the fleet, by code"},
                     header.fleets);
    std::vector<std::int64_t> time;
    std::vector<std::uint64_t> first, count;
    for (const auto& night : header.nights) {
      time.push_back(night.time);
      first.push_back(night.first_row);
      count.push_back(night.rows);
    }
    out->column<std::int64_t>({.name = scenario::night_time,
                               .type = h5::Type::i64,
                               .units = scenario::time_units,
                               .long_name = "midnight UTC of the night's day"},
                              time);
    out->column<std::uint64_t>(
        {.name = scenario::night_first_row, .type = h5::Type::u64, .long_name = "first row of the night"},
        first);
    out->column<std::uint64_t>(
        {.name = scenario::night_rows, .type = h5::Type::u64, .long_name = "rows of the night"}, count);
  }

  void attach_scales() {
    for (const auto& column : columns) out->attach_scale(column.name, 0, scenario::id);
    out->attach_scale(scenario::features, 1, scenario::feature);
    out->attach_scale(scenario::fleet_name, 0, scenario::fleet_name);
    for (const char* column : {scenario::night_time, scenario::night_first_row, scenario::night_rows})
      out->attach_scale(column, 0, scenario::night_time);
  }

  /// Reads everything back, so that what gets the final name is what was handed in.
  void verify(const std::filesystem::path& temporary) {
    const ScenarioFile written(temporary);
    const auto found = digest_scenario_columns(written);
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (found[i].digest != digests[i].finish())
        throw Error(ErrorKind::environment,
                    fmt::format("{}: dataset {} reads back other values than were written",
                                temporary.string(), columns[i].name),
                    not_the_same);
  }
};

ScenarioWriter::ScenarioWriter(const std::filesystem::path& path, const ScenarioHeader& header,
                               std::uint64_t rows, h5::Compression compression, bool overwrite)
    : impl_(std::make_unique<Impl>(path, header, rows, compression, overwrite)) {}
ScenarioWriter::~ScenarioWriter() = default;

void ScenarioWriter::append(const ScenarioRows& rows) {
  impl_->file.attempt([&](const std::filesystem::path&) { impl_->append(rows); });
}

void ScenarioWriter::finish(const std::vector<Night>& nights, const std::vector<std::string>& fleets) {
  Impl& s = *impl_;
  s.header.nights = nights;
  s.header.fleets = fleets;
  scenario::check_names(s.header, s.file.path().string());
  scenario::check_nights(nights, s.rows, s.file.path().string());
  s.file.attempt([&](const std::filesystem::path& temporary) {
    s.write_header();
    s.attach_scales();
    s.out->close();
    s.out.reset();
    s.verify(temporary);
  });
  s.file.commit();
}

}  // namespace npo

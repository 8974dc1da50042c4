#pragma once
#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "io/scenario_file.hpp"

namespace npo::test {

/// A small labelled scenario file, held in memory, to be changed and written.
struct ScenarioExample {
  ScenarioHeader header;
  std::vector<std::byte> ids;
  std::vector<std::uint32_t> fleet;
  std::vector<UnixSeconds> time, known;
  std::vector<float> features;
  std::vector<std::uint8_t> label;

  static constexpr UnixSeconds first_day = 1366416000;  // 2013-04-20

  /// `night_rows` scenarios in each night.
  explicit ScenarioExample(std::vector<std::uint64_t> night_rows, bool text_ids = false,
                           std::size_t dim = 3) {
    header.id = text_ids ? IdType{true, 16} : IdType{};
    for (std::size_t k = 0; k < dim; ++k) header.features.push_back(fmt::format("feature_{}", k));
    header.fleets = {"north", "south"};
    header.labelled = true;
    header.label_horizon = 7 * seconds_per_day;
    header.provenance = R"({"made":"by a test"})";
    std::uint64_t row = 0;
    for (std::size_t n = 0; n < night_rows.size(); ++n) {
      const UnixSeconds day = first_day + static_cast<UnixSeconds>(n) * seconds_per_day;
      header.nights.push_back({day, row, night_rows[n]});
      for (std::uint64_t i = 0; i < night_rows[n]; ++i, ++row)
        add_row(i, day + static_cast<UnixSeconds>(i % 86400), row);
    }
  }

  std::uint64_t rows() const { return fleet.size(); }

  void set_id(std::uint64_t row, std::uint64_t number) {
    std::byte* to = ids.data() + row * header.id.bytes;
    if (!header.id.text) {
      std::memcpy(to, &number, 8);
      return;
    }
    const std::string text = fmt::format("id-{:08}", number);
    std::memset(to, 0, header.id.bytes);
    std::memcpy(to, text.data(), text.size());
  }

  ScenarioRows piece(std::uint64_t first, std::uint64_t count) const {
    const auto part = [&](const auto& column, std::size_t width) {
      return std::span(column).subspan(first * width, count * width);
    };
    ScenarioRows rows{part(ids, header.id.bytes),
                      part(fleet, 1),
                      part(time, 1),
                      part(features, header.features.size()),
                      {},
                      {}};
    if (header.labelled) {
      rows.label = part(label, 1);
      rows.label_known_at = part(known, 1);
    }
    return rows;
  }

  void write(const std::filesystem::path& path, h5::Compression compression = {},
             std::uint64_t piece_rows = 1000, bool overwrite = true) const {
    ScenarioWriter writer(path, header, rows(), compression, overwrite);
    for (std::uint64_t row = 0; row < rows(); row += piece_rows)
      writer.append(piece(row, std::min(piece_rows, rows() - row)));
    writer.finish(header.nights, header.fleets);
  }

 private:
  void add_row(std::uint64_t number, UnixSeconds at, std::uint64_t row) {
    ids.resize(ids.size() + header.id.bytes);
    fleet.push_back(static_cast<std::uint32_t>(number % 2));
    time.push_back(at);
    label.push_back(number % 3 == 2 ? std::uint8_t{255} : static_cast<std::uint8_t>(number % 3));
    known.push_back(at + header.label_horizon);
    for (std::size_t k = 0; k < header.features.size(); ++k)
      features.push_back(static_cast<float>(row % 1000) + 0.25f * static_cast<float>(k));
    set_id(row, 10 * number + 7);
  }
};

}  // namespace npo::test

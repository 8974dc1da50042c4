#include <fmt/format.h>

#include <functional>

#include "io/scenario_columns.hpp"
#include "io/scenario_file.hpp"

namespace npo {

/// What made the file is left out: the same scenarios are the same scenarios, whoever wrote them.
Digest ScenarioFile::header_digest() const {
  DigestList list;
  list.add("rows", fmt::format("{}", rows_));
  list.add("id", fmt::format("{} {}", header_.id.text ? "text" : "integer", header_.id.bytes));
  for (const auto& name : header_.features) list.add("feature", name);
  for (const auto& name : header_.fleets) list.add("fleet", name);
  for (const auto& night : header_.nights)
    list.add("night", fmt::format("{} {} {}", night.time, night.first_row, night.rows));
  if (header_.labelled) list.add("label_horizon", fmt::format("{}", header_.label_horizon));
  return list.finish();
}

std::vector<NamedDigest> digest_scenario_columns(const ScenarioFile& file) {
  std::vector<NamedDigest> digests;
  for (const auto& column : scenario_columns(file.header())) {
    ColumnDigest digest(column.row_bytes);
    const std::uint64_t piece = scenario::piece_rows(column.row_bytes);
    for (std::uint64_t row = 0; row < file.rows(); row += piece)
      digest.add((file.*column.read)(row, std::min(piece, file.rows() - row)).bytes());
    digests.push_back({column.name, digest.finish()});
  }
  return digests;
}

Digest digest_scenarios(const ScenarioFile& file) {
  DigestList list;
  list.add("header", file.header_digest());
  for (const auto& [name, digest] : digest_scenario_columns(file)) list.add(name, digest);
  return list.finish();
}

}  // namespace npo

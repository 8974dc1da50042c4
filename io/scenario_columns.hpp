#pragma once
#include <span>
#include <string>
#include <vector>

#include "io/digest.hpp"
#include "io/scenario_schema.hpp"

/// Private to io/: the columns of rows as a table, for what treats them all alike.
namespace npo {

struct ScenarioColumn {
  const char* name;
  std::size_t row_bytes;
  RowWindow (ScenarioFile::*read)(std::uint64_t, std::uint64_t) const;
  /// The column's bytes in a piece handed to the writer.
  std::span<const std::byte> (*bytes)(const ScenarioRows&);
  h5::ColumnSpec spec;
};
/// In the order they are stored.
std::vector<ScenarioColumn> scenario_columns(const ScenarioHeader& header);

struct NamedDigest {
  std::string name;
  Digest digest;
  bool operator==(const NamedDigest&) const = default;
};
/// Digest of every column, read back from the file.
std::vector<NamedDigest> digest_scenario_columns(const ScenarioFile& file);

}  // namespace npo

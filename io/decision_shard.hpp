#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/column_reader.hpp"
#include "io/decision_run.hpp"

/// One shard of a run of decisions: its columns, how it is written and how it is read.
namespace npo {

/// A column of the shards and its place in DecisionRows.
struct DecisionColumn {
  std::string dataset;
  h5::Type type;  ///< of integer ids for the id column; text ids are Type::text
  std::string long_name;
  std::vector<std::pair<int, std::string>> flags;
  bool DecisionRun::Want::*wanted;
  bool is_id;
  std::span<std::byte> (*bytes)(DecisionRows& rows);
  void (*resize)(DecisionRows& rows, std::size_t values);

  std::size_t row_bytes(IdType id) const { return is_id ? id.bytes : h5::size_of(type); }
  std::span<const std::byte> bytes_of(const DecisionRows& rows) const {
    return bytes(const_cast<DecisionRows&>(rows));
  }
};

/// All columns, in the order of their digests.
const std::vector<DecisionColumn>& decision_columns();

/// Where a shard's rows lie in the night.
struct ShardRange {
  std::uint64_t shard, first_row, rows;
};
std::uint64_t shard_count(const RunIdentity& identity);
ShardRange shard_range(const RunIdentity& identity, std::uint64_t shard);
/// shard-NNNNNN.h5
std::string shard_name(std::uint64_t shard);

/// Digests by column, hex, in the order of decision_columns().
using ShardDigests = std::vector<std::string>;
ShardDigests digest_rows(const DecisionRows& rows, IdType id);

/// Error(internal) unless every column has the rows that the shard needs.
void require_rows(const DecisionRows& rows, const ShardRange& range, IdType id);
/// Writes the file of a shard at `path`, which nobody else sees yet.
void write_decision_shard(const std::filesystem::path& path, const RunIdentity& identity,
                          const std::string& run_id, const ShardRange& range, const DecisionRows& rows,
                          h5::Compression compression);

/// A shard opened for reading; its columns open when they are first read. Thread-safe.
class DecisionShard {
 public:
  /// Error(bad_data) when the file is not this shard of this run.
  DecisionShard(const std::filesystem::path& path, const RunIdentity& identity, const std::string& run_id,
                const ShardRange& range);
  const std::filesystem::path& path() const { return file_.path(); }
  const ShardRange& range() const { return range_; }
  /// Rows [first, first + count) of column `column`, counted from the shard's first row.
  RowWindow read(std::size_t column, std::uint64_t first, std::uint64_t count) const;
  ShardDigests digests() const;

 private:
  h5::ReadFile file_;
  IdType id_;
  ShardRange range_;
  mutable std::mutex mutex_;
  mutable std::vector<std::optional<ColumnReader>> readers_;
};

}  // namespace npo

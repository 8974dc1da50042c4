#include "io/decision_shard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 16 * tile_rows;

/// A column held in member `Member` of DecisionRows.
template <auto Member>
DecisionColumn column(const char* dataset, h5::Type type, bool DecisionRun::Want::*wanted,
                      const char* long_name) {
  return {.dataset = dataset,
          .type = type,
          .long_name = long_name,
          .flags = {},
          .wanted = wanted,
          .is_id = false,
          .bytes = [](DecisionRows& rows) { return std::as_writable_bytes(std::span(rows.*Member)); },
          .resize = [](DecisionRows& rows, std::size_t values) { (rows.*Member).resize(values); }};
}

h5::ColumnSpec spec_of(const DecisionColumn& column, IdType id) {
  h5::ColumnSpec spec;
  spec.name = column.dataset;
  spec.type = column.is_id && id.text ? h5::Type::text : column.type;
  spec.text_bytes = spec.type == h5::Type::text ? id.bytes : 0;
  if (column.type == h5::Type::f32) spec.units = std::string("1");
  spec.long_name = column.long_name;
  spec.flags = column.flags;
  return spec;
}

h5::ColumnSpec table(const char* name, h5::Type type, const char* long_name) {
  h5::ColumnSpec spec;
  spec.name = name;
  spec.type = type;
  spec.long_name = long_name;
  return spec;
}

/// The small tables that let a person open one shard without run.json.
void write_tables(h5::WriteFile& file, const RunIdentity& identity) {
  file.text_column(table("fleets/name", h5::Type::text, "fleet by code"), identity.fleets);
  file.column<float>(table("arms/threshold", h5::Type::f32, "threshold by arm"), identity.thresholds);
  file.text_column(table("rules/name", h5::Type::text, "guardrail rule by bit of the mask"), identity.rules);
}

}  // namespace

const std::vector<DecisionColumn>& decision_columns() {
  static const std::vector<DecisionColumn> columns = [] {
    using Want = DecisionRun::Want;
    using h5::Type;
    std::vector<DecisionColumn> all{
        column<&DecisionRows::ids>("decisions/id", Type::u64, &Want::ids, "scenario id"),
        column<&DecisionRows::fleet>("decisions/fleet", Type::u32, &Want::fleet, "row of fleets/name"),
        column<&DecisionRows::base_score>("decisions/base_score", Type::f32, &Want::base_score,
                                          "model's score m(x)"),
        column<&DecisionRows::score>("decisions/score", Type::f32, &Want::score, "score R after feedback"),
        column<&DecisionRows::decision>("decisions/decision", Type::u8, &Want::decision, "decision"),
        column<&DecisionRows::mask>(
            "decisions/mask", Type::u64, &Want::mask,
            "guardrails hit: bit k is row k of rules/name, bit 63 a non-finite feature"),
        column<&DecisionRows::arm>("decisions/arm", Type::u8, &Want::arm, "row of arms/threshold"),
        column<&DecisionRows::p_surfaced>("decisions/p_surfaced", Type::f32, &Want::p_surfaced,
                                          "probability that the row is surfaced")};
    all.front().is_id = true;
    const auto decision = std::ranges::find(all, "decisions/decision", &DecisionColumn::dataset);
    decision->flags = {{0, "withheld"}, {1, "surfaced"}, {2, "blocked"}};
    return all;
  }();
  return columns;
}

void DecisionRows::resize(std::size_t rows, IdType id) {
  for (const DecisionColumn& column : decision_columns())
    column.resize(*this, column.is_id ? rows * id.bytes : rows);
}

std::uint64_t shard_count(const RunIdentity& identity) {
  return (identity.rows + identity.shard_rows - 1) / identity.shard_rows;
}

ShardRange shard_range(const RunIdentity& identity, std::uint64_t shard) {
  const std::uint64_t first = shard * identity.shard_rows;
  return {shard, first, std::min(identity.shard_rows, identity.rows - first)};
}

std::string shard_name(std::uint64_t shard) {
  return fmt::format("shard-{:06}.h5", shard);
}

ShardDigests digest_rows(const DecisionRows& rows, IdType id) {
  ShardDigests digests;
  for (const DecisionColumn& column : decision_columns()) {
    ColumnDigest digest(column.row_bytes(id));
    digest.add(column.bytes_of(rows));
    digests.push_back(to_hex(digest.finish()));
  }
  return digests;
}

void require_rows(const DecisionRows& rows, const ShardRange& range, IdType id) {
  for (const DecisionColumn& column : decision_columns())
    if (column.bytes_of(rows).size() != range.rows * column.row_bytes(id))
      throw Error(ErrorKind::internal, fmt::format("shard {} has {} bytes of {}, {} rows need {}",
                                                   range.shard, column.bytes_of(rows).size(), column.dataset,
                                                   range.rows, range.rows * column.row_bytes(id)));
}

void write_decision_shard(const std::filesystem::path& path, const RunIdentity& identity,
                          const std::string& run_id, const ShardRange& range, const DecisionRows& rows,
                          h5::Compression compression) {
  h5::WriteFile file(path, compression);
  file.format("npo.decisions", decision_format_version);
  file.attribute("run_id", run_id);
  file.attribute("night", identity.night);
  file.attribute("shard", static_cast<std::int64_t>(range.shard));
  file.attribute("first_row", static_cast<std::int64_t>(range.first_row));
  file.attribute("rows", static_cast<std::int64_t>(range.rows));
  for (const DecisionColumn& column : decision_columns()) {
    file.create(spec_of(column, identity.id), range.rows);
    file.write(column.dataset, 0, range.rows, column.bytes_of(rows));
  }
  for (const DecisionColumn& column : decision_columns())
    if (!column.is_id) file.attach_scale(column.dataset, 0, "decisions/id");
  write_tables(file, identity);
  file.close();
}

DecisionShard::DecisionShard(const std::filesystem::path& path, const RunIdentity& identity,
                             const std::string& run_id, const ShardRange& range)
    : file_(path), id_(identity.id), range_(range), readers_(decision_columns().size()) {
  file_.require_format("npo.decisions", decision_format_version);
  const auto require = [&](bool fits, const char* attribute) {
    if (!fits)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: attribute {} does not fit the run {}", path.string(), attribute, run_id),
                  "the file belongs to another run; score again with --overwrite");
  };
  require(file_.text_attribute("run_id") == run_id, "run_id");
  require(file_.int_attribute("shard") == static_cast<std::int64_t>(range.shard), "shard");
  require(file_.int_attribute("first_row") == static_cast<std::int64_t>(range.first_row), "first_row");
  require(file_.int_attribute("rows") == static_cast<std::int64_t>(range.rows), "rows");
  for (const DecisionColumn& column : decision_columns()) {
    const h5::DatasetInfo info = file_.info(column.dataset);
    const h5::ColumnSpec spec = spec_of(column, id_);
    if (info.type != spec.type || info.text_bytes != spec.text_bytes || info.dims != std::vector{range.rows})
      throw Error(
          ErrorKind::bad_data,
          fmt::format("{}: {} has another type or length than the run says", path.string(), column.dataset),
          "score again with --overwrite");
  }
}

RowWindow DecisionShard::read(std::size_t column, std::uint64_t first, std::uint64_t count) const {
  const ColumnReader* reader = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!readers_[column]) readers_[column].emplace(file_, decision_columns()[column].dataset);
    reader = &*readers_[column];
  }
  return reader->read(first, count);
}

ShardDigests DecisionShard::digests() const {
  ShardDigests digests;
  for (std::size_t column = 0; column < decision_columns().size(); ++column) {
    ColumnDigest digest(decision_columns()[column].row_bytes(id_));
    for (std::uint64_t first = 0; first < range_.rows; first += piece_rows)
      digest.add(read(column, first, std::min(piece_rows, range_.rows - first)).bytes());
    digests.push_back(to_hex(digest.finish()));
  }
  return digests;
}

}  // namespace npo

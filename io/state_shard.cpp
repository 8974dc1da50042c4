#include "io/state_shard.hpp"

#include <fmt/format.h>

#include <cstring>

#include "io/atomic_file.hpp"
#include "io/column_reader.hpp"
#include "io/h5_types.hpp"
#include "io/stored_ids.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

constexpr const char* shard_format = "npo.state.scenarios";
constexpr const char* id_dataset = "scenarios/id";
/// Contiguous: a range is found by looking at few pages of the mapped ids.
constexpr h5::Compression plain{.gzip_level = 0, .shuffle = false};

/// Calls visit(dataset, column, long_name) for every column but the ids.
template <class Rows, class Visit>
void for_each_column(Rows& rows, const Visit& visit) {
  visit("scenarios/score", rows.score, "learned score R");
  visit("scenarios/correction", rows.correction, "learned correction c, log-odds");
  visit("scenarios/updates", rows.updates, "lifetime updates N");
  visit("scenarios/steps", rows.steps, "updates since the last retrain n");
  visit("scenarios/round", rows.round, "round of the last decision learned from");
}

void require_sound(const StateRows& rows, int words) {
  const auto require = [](bool sound, const char* what) {
    if (!sound) throw Error(ErrorKind::internal, fmt::format("a shard of the state {}", what));
  };
  const auto width = static_cast<std::size_t>(words);
  require(rows.rows() > 0, "has no rows");
  require(rows.ids.size() == rows.rows() * width, "has ids of another length than its scores");
  for_each_column(rows, [&](const char*, const auto& column, const char*) {
    require(column.size() == rows.rows(), "has columns of different lengths");
  });
  for (std::size_t row = 1; row < rows.rows(); ++row)
    require(compare_words(&rows.ids[(row - 1) * width], &rows.ids[row * width], words) < 0,
            "has ids that do not ascend");
}

std::string digest_of(const StateRows& rows, IdType id) {
  DigestList list;
  const auto add = [&](const char* name, std::span<const std::byte> bytes, std::size_t row_bytes) {
    ColumnDigest digest(row_bytes);
    digest.add(bytes);
    list.add(name, digest.finish());
  };
  add(id_dataset, std::as_bytes(std::span(rows.ids)), id.bytes);
  for_each_column(rows, [&](const char* name, const auto& column, const char*) {
    add(name, std::as_bytes(std::span(column)), sizeof(column.front()));
  });
  return to_hex(list.finish());
}

h5::ColumnSpec spec_of(const char* name, h5::Type type, const char* long_name) {
  h5::ColumnSpec spec;
  spec.name = name;
  spec.type = type;
  spec.long_name = long_name;
  return spec;
}

void write_rows(const fs::path& path, const StateRows& rows, IdType id) {
  h5::WriteFile file(path, plain);
  file.format(shard_format, state_format_version);
  h5::ColumnSpec id_spec = spec_of(id_dataset, id.text ? h5::Type::text : h5::Type::u64, "scenario id");
  id_spec.text_bytes = id.text ? id.bytes : 0;
  file.create(id_spec, rows.rows());
  file.write(id_dataset, 0, rows.rows(), stored_ids(id, rows.ids));
  for_each_column(rows, [&](const char* name, const auto& column, const char* long_name) {
    using T = std::decay_t<decltype(column.front())>;
    file.column<T>(spec_of(name, h5::type_for<T>(), long_name), column);
    file.attach_scale(name, 0, id_dataset);
  });
  file.close();
}

[[noreturn]] void refuse_shard(const fs::path& path, const std::string& problem) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", path.string(), problem),
              "go back to a kept generation with: npo state rollback");
}

/// First row whose id is not below `key` (or is above it, where `after`).
std::uint64_t find_row(const ColumnReader& ids, IdType stored, const std::vector<std::uint64_t>& key,
                       int words, bool after) {
  std::uint64_t low = 0, high = ids.rows();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto id = widen_ids(id_words(stored, ids.read(middle, 1).bytes()), stored.words(), words);
    const int order = compare_words(id.data(), key.data(), words);
    if (order < 0 || (after && order == 0))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// How the ids of a shard are stored: the state's kind, and a width that may be narrower.
IdType stored_id_type(const h5::ReadFile& file, IdType id) {
  const h5::DatasetInfo info = file.info(id_dataset);
  const IdType stored{info.type == h5::Type::text, info.type == h5::Type::text ? info.text_bytes : 8};
  if (stored.text != id.text || stored.bytes > id.bytes || stored.bytes % 8 != 0 ||
      (!stored.text && info.type != h5::Type::u64))
    refuse_shard(file.path(), "scenarios/id has another type than the manifest says");
  return stored;
}

}  // namespace

ShardEntry write_state_shard(const fs::path& path, const StateRows& rows, IdType id) {
  require_sound(rows, id.words());
  const auto width = static_cast<std::size_t>(id.words());
  ShardEntry entry;
  entry.rows = rows.rows();
  entry.digest = digest_of(rows, id);
  entry.first_id.assign(rows.ids.begin(), rows.ids.begin() + static_cast<std::ptrdiff_t>(width));
  entry.last_id.assign(rows.ids.end() - static_cast<std::ptrdiff_t>(width), rows.ids.end());
  write_atomically(
      path, true, [&](const fs::path& temporary) { write_rows(temporary, rows, id); },
      [&](const fs::path& temporary) { read_state_shard(temporary, entry, id); });
  return entry;
}

StateRows read_state_shard(const fs::path& path, const ShardEntry& entry, IdType id,
                           const std::uint64_t* first, const std::uint64_t* last) {
  const h5::ReadFile file(path);
  file.require_format(shard_format, state_format_version);
  const IdType stored = stored_id_type(file, id);
  const ColumnReader ids(file, id_dataset);
  if (ids.rows() != entry.rows)
    refuse_shard(path, fmt::format("has {} rows, the manifest says {}", ids.rows(), entry.rows));
  const int words = id.words();
  const std::uint64_t begin = first ? find_row(ids, stored, {first, first + words}, words, false) : 0;
  const std::uint64_t end = last ? find_row(ids, stored, {last, last + words}, words, true) : entry.rows;
  StateRows rows;
  if (begin >= end) return rows;
  rows.ids = id_words(stored, ids.read(begin, end - begin).bytes());
  for_each_column(rows, [&](const char* name, auto& column, const char*) {
    using T = std::decay_t<decltype(column.front())>;
    const ColumnReader reader(file, name);
    if (reader.info().type != h5::type_for<T>() || reader.rows() != entry.rows ||
        reader.row_bytes() != sizeof(T))
      refuse_shard(path, fmt::format("{} has another type or length than the manifest says", name));
    const RowWindow window = reader.read(begin, end - begin);
    const auto values = window.as<T>();
    column.assign(values.begin(), values.end());
  });
  if (end - begin == entry.rows && digest_of(rows, stored) != entry.digest)
    refuse_shard(path, "its content differs from its digest in the manifest");
  rows.ids = widen_ids(std::move(rows.ids), stored.words(), words);
  return rows;
}

}  // namespace npo

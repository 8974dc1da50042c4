#include "io/state_ledger.hpp"

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "io/column_reader.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

constexpr const char* ledger_format = "npo.state.ledger";
constexpr const char* dataset = "ledger/applied";

std::string digest_of(std::span<const std::uint8_t> cells) {
  ColumnDigest digest(1);
  digest.add(std::as_bytes(cells));
  return to_hex(digest.finish());
}

void write_cells(const fs::path& path, const LedgerEntry& entry, std::span<const std::uint8_t> cells) {
  h5::WriteFile file(path, {});
  file.format(ledger_format, state_format_version);
  file.attribute("run_id", entry.run_id);
  file.attribute("source", entry.source);
  file.attribute("night", entry.night);
  h5::ColumnSpec spec;
  spec.name = dataset;
  spec.type = h5::Type::u8;
  spec.long_name = "answer applied, by row of the run";
  spec.flags = {{0, "nothing"}, {1, "override"},           {2, "like"},           {3, "neutral"},
                {4, "skipped"}, {9, "override, credited"}, {10, "like, credited"}};
  file.column<std::uint8_t>(spec, cells);
  file.close();
}

[[noreturn]] void refuse_ledger(const fs::path& path, const std::string& problem) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", path.string(), problem),
              "go back to a kept generation with: npo state rollback");
}

}  // namespace

LedgerEntry write_state_ledger(const fs::path& path, const std::string& run_id, const std::string& source,
                               UnixSeconds night, std::span<const std::uint8_t> cells) {
  LedgerEntry entry;
  entry.run_id = run_id;
  entry.source = source;
  entry.night = night;
  entry.rows = cells.size();
  entry.digest = digest_of(cells);
  write_atomically(
      path, true, [&](const fs::path& temporary) { write_cells(temporary, entry, cells); },
      [&](const fs::path& temporary) { read_state_ledger(temporary, entry); });
  return entry;
}

std::vector<std::uint8_t> read_state_ledger(const fs::path& path, const LedgerEntry& entry) {
  const h5::ReadFile file(path);
  file.require_format(ledger_format, state_format_version);
  if (file.text_attribute("run_id") != entry.run_id || file.text_attribute("source") != entry.source)
    refuse_ledger(path, "belongs to another run or source than the manifest says");
  const ColumnReader reader(file, dataset);
  if (reader.info().type != h5::Type::u8 || reader.row_bytes() != 1 || reader.rows() != entry.rows)
    refuse_ledger(path, fmt::format("{} has another type or length than the manifest says", dataset));
  const RowWindow window = reader.read(0, entry.rows);
  const auto cells = window.as<std::uint8_t>();
  if (digest_of(cells) != entry.digest)
    refuse_ledger(path, "its content differs from its digest in the manifest");
  return {cells.begin(), cells.end()};
}

}  // namespace npo

#include "host/truth_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/generate_run.hpp"
#include "io/column_reader.hpp"
#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr std::uint64_t read_rows = 16 * tile_rows;

/// Calls use(first, window) for pieces of a column in order.
template <class Use>
void each_piece(const ColumnReader& column, const Use& use) {
  for (std::uint64_t first = 0; first < column.rows(); first += read_rows)
    use(first, column.read(first, std::min(read_rows, column.rows() - first)));
}

[[noreturn]] void refuse(const h5::ReadFile& file, const char* dataset, std::uint64_t row,
                         const char* problem) {
  throw Error(ErrorKind::bad_data,
              fmt::format("{}: {} of row {} {}", file.path().string(), dataset, row, problem),
              "generate the fleet again");
}

}  // namespace

h5::ReadFile open_truth(const std::filesystem::path& path) {
  h5::ReadFile file(path);
  file.require_format("npo.truth", truth_format_version);
  return file;
}

std::uint64_t truth_scenarios(const h5::ReadFile& file) {
  return ColumnReader(file, "truth/id").rows();
}

void validate_truth(const h5::ReadFile& file) {
  std::uint64_t last = 0;
  each_piece(ColumnReader(file, "truth/id"), [&](std::uint64_t first, const RowWindow& window) {
    const auto ids = window.as<std::uint64_t>();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (first + i > 0 && ids[i] <= last) refuse(file, "truth/id", first + i, "does not ascend");
      last = ids[i];
    }
  });
  each_piece(ColumnReader(file, "truth/approval"), [&](std::uint64_t first, const RowWindow& window) {
    const auto approval = window.as<float>();
    for (std::size_t i = 0; i < approval.size(); ++i)
      if (!(approval[i] >= 0.0f && approval[i] <= 1.0f))
        refuse(file, "truth/approval", first + i, "is not a probability");
  });
}

Digest digest_truth(const h5::ReadFile& file) {
  DigestList columns;
  for (const std::string& group : file.members("/"))
    for (const std::string& name : file.members(group)) {
      const std::string dataset = group + "/" + name;
      const ColumnReader column(file, dataset);
      ColumnDigest digest(column.row_bytes());
      each_piece(column, [&](std::uint64_t, const RowWindow& window) { digest.add(window.bytes()); });
      columns.add(dataset, digest.finish());
    }
  return columns.finish();
}

}  // namespace npo

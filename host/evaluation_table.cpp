#include "host/evaluation_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "host/evaluation_table_source.hpp"
#include "host/time_text.hpp"
#include "io/csv/bad_row.hpp"
#include "io/csv/timestamp.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::size_t block_rows = 65536;

bool is_hdf5(const std::filesystem::path& path) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), begin.size());
  return file && begin == signature;
}

void check_columns(const TableColumns& columns) {
  if (columns.score.empty() || columns.label.empty())
    throw Error(ErrorKind::usage, "a table needs a score and a label",
                "name their columns with --score and --label");
}

}  // namespace

TableSource::TableSource(const TableInput& input, const RunContext& context)
    : input_(input), context_(context) {
  for (const std::string& column : input.columns.groups) groupings_.emplace_back(column);
  if (!input.columns.time.empty()) groupings_.emplace_back("day", true);
  row_.group.resize(input.columns.groups.size());
}

bool TableSource::next(EvaluationRows& block) {
  context_.check_stop();
  block.clear();
  block.group.resize(groupings_.size());
  while (block.size() < block_rows && read_or_skip()) append(block);
  context_.report().advance(block.size());
  return block.size() > 0;
}

bool TableSource::read_or_skip() {
  while (true) {
    ++rows_read_;
    try {
      return read(row_);
    } catch (const csv::BadRow&) {
      if (!input_.skip_bad) throw;
      ++skipped_;
    }
  }
}

void TableSource::append(EvaluationRows& block) {
  block.score.push_back(row_.score);
  block.label.push_back(static_cast<std::uint8_t>(row_.label));
  if (!columns().weight.empty()) block.weight.push_back(row_.weight);
  if (!columns().cluster.empty()) block.cluster.push_back(row_.cluster);
  if (input_.numbered) block.row.push_back(rows_read_ - 1);
  for (std::size_t g = 0; g < row_.group.size(); ++g) block.group[g].push_back(row_.group[g]);
  if (columns().time.empty()) return;
  block.time.push_back(row_.time);
  block.group.back().push_back(day_code(row_.time));
}

std::uint32_t TableSource::day_code(UnixSeconds time) {
  const UnixSeconds day = csv::day_of(time);
  if (day_ != day) {
    day_ = day;
    day_code_ = group_code(groupings_.size() - 1, format_time(day));
  }
  return day_code_;
}

std::unique_ptr<EvaluationSource> open_evaluation_table(const TableInput& input, const RunContext& context) {
  check_columns(input.columns);
  return is_hdf5(input.path) ? open_h5_table(input, context) : open_csv_table(input, context);
}

void check_known_rows(const KnownRows& known, const std::string& name) {
  if (known.rows.size() == 0)
    throw Error(ErrorKind::bad_data,
                known.unknown == 0
                    ? fmt::format("{}: there are no rows", name)
                    : fmt::format("{}: none of {} rows has a known label", name, known.unknown),
                "give rows labelled 0 or 1");
  const auto& weight = known.rows.weight;
  if (!weight.empty() && std::all_of(weight.begin(), weight.end(), [](float w) { return w == 0.0f; }))
    throw Error(ErrorKind::bad_data, fmt::format("{}: all weights of labelled rows are 0", name),
                "give some row a positive weight, or leave --weight out");
}

}  // namespace npo

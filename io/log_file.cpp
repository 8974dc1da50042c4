#include "io/log_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/log_columns.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const h5::ReadFile& file, const std::string& problem) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", file.path().string(), problem),
              "see docs/formats/log.md, or import the log with: npo import --as log");
}

std::vector<std::string> names(const h5::ReadFile& file, const std::string& dataset) {
  return file.has(dataset) ? file.read_text(dataset) : std::vector<std::string>{};
}

std::vector<LogCategory> read_categories(const h5::ReadFile& file) {
  std::vector<LogCategory> categories;
  for (const std::string& name : names(file, "log/category")) categories.push_back({name, {}});
  if (categories.empty()) return categories;
  const auto values = file.read_text("categories/value");
  const auto owner = file.read_all<std::uint32_t>("categories/category");
  if (owner.size() != values.size())
    refuse(file, "categories/category and categories/value differ in length");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (owner[i] >= categories.size())
      refuse(file, fmt::format("categories/category of row {} is {}, beyond log/category", i, owner[i]));
    categories[owner[i]].values.push_back(values[i]);
  }
  return categories;
}

LogHeader read_header(const h5::ReadFile& file) {
  LogHeader header;
  header.actions = file.read_text("actions/name");
  header.values = names(file, "log/value");
  if (!header.values.empty())
    for (const std::uint8_t role : file.read_all<std::uint8_t>("log/value_role"))
      header.roles.push_back(static_cast<LogValueRole>(role));
  if (header.roles.size() != header.values.size())
    refuse(file, "log/value and log/value_role differ in length");
  for (const LogValueRole role : header.roles)
    if (role > LogValueRole::other) refuse(file, "log/value_role is none of 0, 1, 2");
  header.categories = read_categories(file);
  header.has_position = file.has("log/position");
  header.has_time = file.has("log/time");
  header.has_cluster = file.has("log/cluster");
  if (file.has_attribute("provenance")) header.provenance = file.text_attribute("provenance");
  if (header.actions.empty() || header.actions.size() > max_actions)
    refuse(file, fmt::format("actions/name has {} rows", header.actions.size()));
  return header;
}

void require_shape(const h5::ReadFile& file, const LogColumn& column, std::uint64_t rows) {
  const h5::DatasetInfo info = file.info(column.spec.name);
  const std::size_t rank = column.spec.matrix ? 2 : 1;
  if (info.type != column.spec.type || info.dims.size() != rank ||
      (rank == 2 && info.dims[1] != column.spec.width))
    refuse(file, fmt::format("dataset {} has another type or shape than a log's", column.spec.name));
  if (info.dims.front() != rows)
    refuse(file, fmt::format("dataset {} has {} rows, log/action has {}", column.spec.name, info.dims.front(),
                             rows));
}

}  // namespace

void LogRows::clear() {
  *this = {};
}

LogFile::LogFile(const std::filesystem::path& path) : path_(path), file_(std::in_place, path) {
  file_->require_format(log_format_name, log_format_version);
  header_ = read_header(*file_);
  rows_ = file_->info("log/action").dims.front();
  for (const LogColumn& column : log_columns(header_)) {
    require_shape(*file_, column, rows_);
    readers_.emplace_back(*file_, column.spec.name);
  }
}

LogRows LogFile::read(std::uint64_t first, std::uint64_t count) const {
  LogRows rows;
  const auto columns = log_columns(header_);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const RowWindow window = readers_[i].read(first, count);
    const auto out = columns[i].resize(rows, count * columns[i].spec.width);
    std::memcpy(out.data(), window.bytes().data(), out.size());
  }
  return rows;
}

Digest digest_log(const LogFile& file) {
  const LogHeader& header = file.header();
  const auto columns = log_columns(header);
  std::vector<ColumnDigest> digests;
  for (const LogColumn& column : columns) digests.emplace_back(column.row_bytes());
  for (std::uint64_t first = 0; first < file.rows(); first += log_piece_rows) {
    const LogRows rows = file.read(first, std::min(log_piece_rows, file.rows() - first));
    for (std::size_t i = 0; i < columns.size(); ++i) digests[i].add(columns[i].bytes(rows));
  }
  DigestList list;
  list.add("format", log_format_name);
  for (const std::string& action : header.actions) list.add("action", action);
  for (std::size_t i = 0; i < header.values.size(); ++i) {
    list.add("value", header.values[i]);
    list.add("role", std::to_string(static_cast<int>(header.roles[i])));
  }
  for (const LogCategory& category : header.categories) {
    list.add("category", category.name);
    for (const std::string& value : category.values) list.add("category value", value);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) list.add(columns[i].spec.name, digests[i].finish());
  return list.finish();
}

}  // namespace npo

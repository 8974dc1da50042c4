#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/log_columns.hpp"
#include "io/log_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

h5::ColumnSpec log_text(const char* name, const char* long_name) {
  return {.name = name, .type = h5::Type::text, .long_name = long_name};
}

}  // namespace

struct LogWriter::Impl {
  Impl(const std::filesystem::path& path, const LogHeader& header, h5::Compression compression,
       bool overwrite)
      : target(path, overwrite), columns(log_columns(header)) {
    target.attempt([&](const std::filesystem::path& temporary) { create(temporary, compression); });
  }

  void create(const std::filesystem::path& temporary, h5::Compression compression) {
    file.emplace(temporary, compression);
    file->format(log_format_name, log_format_version);
    file->create_growing({.name = log_row, .type = h5::Type::u64, .long_name = "row of the log"});
    for (const LogColumn& column : columns) {
      file->create_growing(column.spec);
      digests.emplace_back(column.row_bytes());
    }
    for (const LogColumn& column : columns) file->attach_scale(column.spec.name, 0, log_row);
  }

  void append(const LogRows& piece) {
    std::vector<std::uint64_t> numbers(piece.rows());
    for (std::uint64_t& number : numbers) number = rows++;
    file->append(log_row, std::as_bytes(std::span(numbers)));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto bytes = columns[i].bytes(piece);
      if (bytes.size() != piece.rows() * columns[i].row_bytes())
        throw Error(ErrorKind::internal, fmt::format("{}: {} bytes do not fit {} rows", columns[i].spec.name,
                                                     bytes.size(), piece.rows()));
      file->append(columns[i].spec.name, bytes);
      digests[i].add(bytes);
    }
  }

  void write_tables(const LogHeader& header) {
    if (!header.provenance.empty()) file->attribute("provenance", header.provenance);
    file->text_column(log_text("actions/name", "name of the action by code"), header.actions);
    if (!header.values.empty()) {
      file->text_column(log_text("log/value", "name of the column"), header.values);
      std::vector<std::uint8_t> roles;
      for (const LogValueRole role : header.roles) roles.push_back(static_cast<std::uint8_t>(role));
      file->column<std::uint8_t>({.name = "log/value_role",
                                  .type = h5::Type::u8,
                                  .long_name = "what the column is for",
                                  .flags = {{0, "context"}, {1, "estimated_reward"}, {2, "other"}}},
                                 roles);
      file->attach_scale("log/value_role", 0, "log/value");
    }
    if (!header.categories.empty()) write_categories(header.categories);
    for (const LogColumn& column : columns)
      if (!column.scale.empty()) file->attach_scale(column.spec.name, 1, column.scale);
  }

  void write_categories(const std::vector<LogCategory>& categories) {
    std::vector<std::string> names, values;
    std::vector<std::uint32_t> owner;
    for (std::uint32_t c = 0; c < categories.size(); ++c) {
      names.push_back(categories[c].name);
      values.insert(values.end(), categories[c].values.begin(), categories[c].values.end());
      owner.insert(owner.end(), categories[c].values.size(), c);
    }
    file->text_column(log_text("log/category", "name of the category"), names);
    file->text_column(log_text("categories/value", "values, by category and code"), values);
    file->column<std::uint32_t>({.name = "categories/category",
                                 .type = h5::Type::u32,
                                 .long_name = "row of log/category that the value belongs to"},
                                owner);
  }

  /// Reads all columns back from the closed file.
  void verify(const std::filesystem::path& temporary) {
    const h5::ReadFile written(temporary);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ColumnReader reader(written, columns[i].spec.name);
      ColumnDigest digest(columns[i].row_bytes());
      for (std::uint64_t first = 0; first < reader.rows(); first += log_piece_rows)
        digest.add(reader.read(first, std::min(log_piece_rows, reader.rows() - first)).bytes());
      if (digest.finish() != digests[i].finish())
        throw Error(ErrorKind::environment,
                    fmt::format("{}: {} reads back differently from what was written", temporary.string(),
                                columns[i].spec.name),
                    "check the disk and run the same command again");
    }
  }

  AtomicFile target;
  std::vector<LogColumn> columns;
  std::optional<h5::WriteFile> file;
  std::vector<ColumnDigest> digests;
  std::uint64_t rows = 0;
};

LogWriter::LogWriter(const std::filesystem::path& path, const LogHeader& header, h5::Compression compression,
                     bool overwrite)
    : impl_(std::make_unique<Impl>(path, header, compression, overwrite)) {}

LogWriter::~LogWriter() = default;

void LogWriter::append(const LogRows& rows) {
  impl_->target.attempt([&](const std::filesystem::path&) { impl_->append(rows); });
}

void LogWriter::finish(const LogHeader& header) {
  impl_->target.attempt([&](const std::filesystem::path& temporary) {
    impl_->write_tables(header);
    impl_->file->close();
    impl_->verify(temporary);
  });
  impl_->target.commit();
}

}  // namespace npo

#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "io/h5_file.hpp"
#include "io/log_file.hpp"

/// Private to the log file: its columns, each named once for writing, reading and digests.
namespace npo {

inline constexpr const char* log_format_name = "npo.log";
inline constexpr const char* log_row = "log/row";
inline constexpr std::uint64_t log_piece_rows = 4 * tile_rows;

/// A column of the rows and its place in LogRows.
struct LogColumn {
  h5::ColumnSpec spec;
  std::span<const std::byte> (*bytes)(const LogRows& rows);
  std::span<std::byte> (*resize)(LogRows& rows, std::size_t values);
  std::string scale = {};  ///< of the second axis, where there is one

  std::size_t row_bytes() const { return h5::size_of(spec.type) * spec.width; }
};

/// The columns that a log of this header has, in the order of their digests.
std::vector<LogColumn> log_columns(const LogHeader& header);

}  // namespace npo

#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv/bad_row.hpp"
#include "io/csv/byte_source.hpp"

namespace npo::csv {

/// Longest row that is read, in bytes; a longer one is most likely an unclosed quote.
inline constexpr std::size_t longest_row = std::size_t{16} << 20;

/// Streams the rows of a CSV file (RFC 4180; LF or CRLF; a UTF-8 byte order mark is skipped;
/// docs/formats/csv.md). The first row names the columns. Memory is bounded by the longest row, whatever the
/// size of the file.
class Reader {
 public:
  /// Reads the header row. Error(bad_data) when there is none, or when two columns have one name.
  Reader(std::unique_ptr<ByteSource> source, std::string name, char separator = ',');

  const std::string& name() const { return name_; }
  const std::vector<std::string>& header() const { return header_; }
  bool has_column(std::string_view column) const;
  /// Position of a column; Error(usage) names the nearest column there is.
  std::size_t column(std::string_view column) const;

  /// Goes to the next row; false at the end. Empty lines are passed over where the header has two columns or
  /// more. BadRow when a quote is misplaced or the number of fields differs from the header's.
  bool next();
  /// A field of the current row, without its quotes; valid until the next call of next().
  std::string_view field(std::size_t column) const {
    return {text_.data() + fields_[column].begin, fields_[column].end - fields_[column].begin};
  }
  /// Line on which the current row begins; the header is line 1. Line feeds inside quotes count.
  std::uint64_t line() const { return row_line_; }
  /// Bytes of the file itself taken so far.
  std::uint64_t bytes_taken() const { return source_->bytes_taken(); }

  /// "FILE: line 17".
  std::string where() const;
  /// Throws BadRow "FILE: line 17, column smart_5_raw: 'abc' PROBLEM; REMEDY".
  [[noreturn]] void refuse(std::size_t column, std::string_view problem,
                           const std::string& remedy = {}) const;

 private:
  struct Field {
    std::size_t begin, end;
    bool doubled_quotes;
  };
  enum class Scan { row, incomplete };
  bool read_row();
  bool load_row();
  Scan scan_row();
  bool scan_quoted(std::size_t& at, Field& field);
  void blame(const char* fault);
  void undouble_quotes();
  void check_row() const;
  bool fill();
  void read_header();

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  char separator_;
  std::vector<std::string> header_;
  std::vector<char> text_;  ///< what is loaded of the file, and padding for the scanner
  std::size_t begin_ = 0, end_ = 0;
  bool ended_ = false;
  std::vector<Field> fields_;
  std::size_t row_end_ = 0;
  std::uint64_t line_ = 1, row_line_ = 0, row_lines_ = 0;
  const char* fault_ = nullptr;  ///< what is wrong with the quotes of the current row
  std::size_t fault_field_ = 0;
};

/// open_bytes and Reader in one.
Reader open_csv(const std::filesystem::path& path, char separator = ',');

}  // namespace npo::csv

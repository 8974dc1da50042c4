#include "io/csv/csv_values.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "io/csv/timestamp.hpp"
#include "io/utf8_text.hpp"

namespace npo::csv {
namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

/// A number beyond float32: too small ones are zero or subnormal, too large ones are refused.
float read_extreme(const Reader& row, std::size_t column, const char* begin, const char* end) {
  double wide = 0.0;
  const auto [stop, failure] = std::from_chars(begin, end, wide);
  const bool tiny = failure == std::errc{} && std::fabs(wide) < 1.0;
  if (!tiny || stop != end) row.refuse(column, "does not fit a 32-bit float", "scale the column down");
  return static_cast<float>(wide);
}

}  // namespace

std::string_view trimmed(const Reader& row, std::size_t column) {
  std::string_view text = row.field(column);
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_missing(const Reader& row, std::size_t column) {
  const std::string_view text = trimmed(row, column);
  if (text.size() > 4) return false;
  static constexpr std::array<std::string_view, 4> words{"na", "nan", "n/a", "null"};
  if (text.empty()) return true;
  for (const auto word : words)
    if (equal_ignoring_case(text, word)) return true;
  return false;
}

float read_float(const Reader& row, std::size_t column) {
  std::string_view text = trimmed(row, column);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  float value = 0.0f;
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure == std::errc::result_out_of_range) return read_extreme(row, column, text.data(), end);
  if (failure != std::errc{} || stop != end) row.refuse(column, "is not a number", "write a decimal number");
  if (!std::isfinite(value))
    row.refuse(column, "is not finite", "write a finite number or leave the field empty");
  return value;
}

double read_double(const Reader& row, std::size_t column) {
  if (is_missing(row, column)) row.refuse(column, "is missing", "every row needs a number here");
  std::string_view text = trimmed(row, column);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0.0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::result_out_of_range)
    row.refuse(column, "does not fit a 64-bit float", "scale the column");
  if (failure != std::errc{} || stop != text.data() + text.size())
    row.refuse(column, "is not a number", "write a decimal number");
  if (!std::isfinite(value)) row.refuse(column, "is not finite", "write a finite number");
  return value;
}

std::uint64_t read_unsigned(const Reader& row, std::size_t column) {
  const std::string_view text = trimmed(row, column);
  std::uint64_t value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || stop != text.data() + text.size())
    row.refuse(column, "is not a whole number", "write digits only, below 2^64");
  return value;
}

UnixSeconds read_time(const Reader& row, std::size_t column) {
  const ParsedTimestamp time = parse_timestamp(trimmed(row, column));
  if (!time.seconds) row.refuse(column, time.problem, time.remedy);
  return *time.seconds;
}

Label read_label(const Reader& row, std::size_t column) {
  const std::string_view text = trimmed(row, column);
  if (text == "0") return Label::no;
  if (text == "1") return Label::yes;
  if (is_missing(row, column)) return Label::unknown;
  row.refuse(column, "is not a label", "labels are 0, 1, or empty for unknown");
}

std::string_view read_text(const Reader& row, std::size_t column, std::size_t longest) {
  const std::string_view text = row.field(column);
  if (text.empty()) row.refuse(column, "is empty", "every row needs a value here");
  if (text.size() > longest)
    row.refuse(column, fmt::format("is longer than {} bytes", longest), "shorten it or hash it beforehand");
  if (!is_utf8_text(text))
    row.refuse(column, "is not UTF-8 text", "convert the file, for example with iconv");
  return text;
}

}  // namespace npo::csv

#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "io/csv/csv_reader.hpp"
#include "kernels/vocabulary.hpp"

/// Typed values of the current row. Each throws BadRow with file, line, column, the value found and the
/// remedy. Blanks around numbers, times and labels are passed over; text is taken as it stands.
namespace npo::csv {

/// The field without blanks around it.
std::string_view trimmed(const Reader& row, std::size_t column);

/// Whether a field says that there is no value: empty, NA, N/A, NaN or NULL in any case.
bool is_missing(const Reader& row, std::size_t column);

/// The nearest float32 of a finite decimal number.
float read_float(const Reader& row, std::size_t column);

/// The nearest double of a finite decimal number.
double read_double(const Reader& row, std::size_t column);

/// A whole number from 0 to 2^64 - 1.
std::uint64_t read_unsigned(const Reader& row, std::size_t column);

/// A time as parse_timestamp reads it.
UnixSeconds read_time(const Reader& row, std::size_t column);

/// 0 or 1; a missing value is unknown.
Label read_label(const Reader& row, std::size_t column);

/// Text of 1 to `longest` bytes of UTF-8 without NUL.
std::string_view read_text(const Reader& row, std::size_t column, std::size_t longest);

}  // namespace npo::csv

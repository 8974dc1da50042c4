#include "io/csv/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "io/closest_name.hpp"
#include "io/csv/special_scanner.hpp"
#include "io/utf8_text.hpp"

namespace npo::csv {
namespace {

constexpr std::size_t first_load = std::size_t{1} << 20;

}  // namespace

Reader::Reader(std::unique_ptr<ByteSource> source, std::string name, char separator)
    : source_(std::move(source)), name_(std::move(name)), separator_(separator) {
  text_.resize(first_load + SpecialScanner::padding);
  read_header();
}

void Reader::read_header() {
  while (end_ < 3 && fill()) {
  }
  if (std::string_view(text_.data(), end_).starts_with("\xef\xbb\xbf")) begin_ = 3;
  if (!read_row())
    throw Error(ErrorKind::bad_data, name_ + " is empty", "its first row must name the columns");
  check_row();
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < fields_.size(); ++i) header_.emplace_back(field(i));
  for (const auto& column : header_)
    if (!seen.insert(column).second)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: two columns are called '{}'", name_, printable(column)),
                  "give each column a name of its own");
}

bool Reader::has_column(std::string_view column) const {
  return std::find(header_.begin(), header_.end(), column) != header_.end();
}

std::size_t Reader::column(std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
  throw Error(ErrorKind::usage, fmt::format("{} has no column '{}'", name_, column),
              suggest_name(column, header_, fmt::format("its columns are {}", fmt::join(header_, ", "))));
}

bool Reader::next() {
  const auto empty_line = [&] {
    return header_.size() > 1 && fields_.size() == 1 && field(0).empty() && !fault_;
  };
  do {
    if (!read_row()) return false;
  } while (empty_line());
  check_row();
  if (fields_.size() != header_.size())
    throw BadRow(
        fmt::format("{}: {} fields where the header has {}", where(), fields_.size(), header_.size()),
        "a field that holds a separator or a line feed must stand in quotes");
  return true;
}

bool Reader::read_row() {
  begin_ = std::max(begin_, row_end_);
  line_ += row_lines_;
  row_lines_ = 0;
  row_line_ = line_;
  if (!load_row()) return false;
  undouble_quotes();
  return true;
}

bool Reader::load_row() {
  for (;;) {
    if (begin_ == end_ && !fill()) return false;
    if (scan_row() == Scan::row) return true;
    fill();
  }
}

/// Finds the fields of the row at begin_. Incomplete: more of the file must be loaded first.
Reader::Scan Reader::scan_row() {
  fields_.clear();
  fault_ = nullptr;
  row_lines_ = 1;
  SpecialScanner specials(text_.data(), begin_, separator_);
  std::size_t at = begin_;
  for (;;) {
    Field field{at, at, false};
    const bool quoted = at < end_ && text_[at] == '"';
    if (quoted && !scan_quoted(at, field) && !ended_) return Scan::incomplete;
    std::size_t stop = specials.next(at, end_);
    while (stop < end_ && text_[stop] == '"') {
      blame("has a quote inside a field that does not begin with one");
      stop = specials.next(stop + 1, end_);
    }
    if (stop >= end_ && !ended_) return Scan::incomplete;
    stop = std::min(stop, end_);
    const bool row_ends = stop == end_ || text_[stop] == '\n';
    const bool carriage_return = row_ends && stop > at && text_[stop - 1] == '\r';
    const std::size_t text_end = stop - (carriage_return ? 1 : 0);
    if (!quoted)
      field.end = text_end;
    else if (text_end != at)
      blame("has text after its closing quote");
    fields_.push_back(field);
    if (row_ends) {
      row_end_ = std::min(stop + 1, end_);
      return Scan::row;
    }
    at = stop + 1;
  }
}

/// Moves `at` from the opening quote to behind the closing one; false when the loaded text ends before it. A
/// closing quote at the very end may turn out to be the first of two: then the row is incomplete and is
/// scanned again.
bool Reader::scan_quoted(std::size_t& at, Field& field) {
  field.begin = ++at;
  for (;;) {
    const auto* quote = static_cast<const char*>(std::memchr(text_.data() + at, '"', end_ - at));
    const std::size_t stop = quote ? static_cast<std::size_t>(quote - text_.data()) : end_;
    row_lines_ += static_cast<std::uint64_t>(std::count(text_.data() + at, text_.data() + stop, '\n'));
    if (!quote) {
      if (ended_) blame("has a quote that is never closed");
      field.end = at = end_;
      return false;
    }
    at = stop + 1;
    if (at == end_ || text_[at] != '"') {
      field.end = stop;
      return true;
    }
    field.doubled_quotes = true;
    ++at;
  }
}

/// Keeps the first fault of the row; it is thrown once the whole row is passed.
void Reader::blame(const char* fault) {
  if (fault_) return;
  fault_ = fault;
  fault_field_ = fields_.size();
}

void Reader::undouble_quotes() {
  for (auto& field : fields_) {
    if (!field.doubled_quotes) continue;
    std::size_t to = field.begin;
    for (std::size_t from = field.begin; from < field.end; ++from) {
      text_[to++] = text_[from];
      if (text_[from] == '"') ++from;
    }
    field.end = to;
  }
}

void Reader::check_row() const {
  if (!fault_) return;
  const std::string column =
      fault_field_ < header_.size() ? header_[fault_field_] : std::to_string(fault_field_ + 1);
  throw BadRow(fmt::format("{}, column {}: {}", where(), column, fault_),
               "put the whole field in quotes and double the quotes inside it");
}

/// Loads more of the file behind end_; false at its end.
bool Reader::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::memmove(text_.data(), text_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    row_end_ = begin_ = 0;
  }
  const std::size_t room = text_.size() - SpecialScanner::padding;
  if (end_ == room) {
    if (end_ >= longest_row)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: the row is longer than {} MiB", where(), longest_row >> 20),
                  "look for a quote that is never closed");
    text_.resize(2 * room + SpecialScanner::padding);
  }
  const std::size_t came =
      source_->read({text_.data() + end_, text_.size() - SpecialScanner::padding - end_});
  end_ += came;
  ended_ = came == 0;
  return !ended_;
}

std::string Reader::where() const {
  return fmt::format("{}: line {}", name_, row_line_);
}

void Reader::refuse(std::size_t column, std::string_view problem, const std::string& remedy) const {
  throw BadRow(
      fmt::format("{}, column {}: '{}' {}", where(), header_[column], printable(field(column)), problem),
      remedy);
}

Reader open_csv(const std::filesystem::path& path, char separator) {
  return Reader(open_bytes(path), display_name(path), separator);
}

}  // namespace npo::csv

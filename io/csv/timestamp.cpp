#include "io/csv/timestamp.hpp"

#include <charconv>
#include <chrono>

namespace npo::csv {
namespace {

constexpr UnixSeconds first_second = -62135596800;  ///< 0001-01-01T00:00:00Z
constexpr UnixSeconds last_second = 253402300799;   ///< 9999-12-31T23:59:59Z

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes pieces off the front of a text.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits, or nothing.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  void skip_digits() {
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
};

ParsedTimestamp not_a_time(std::string problem = "is not a time") {
  return {std::nullopt, std::move(problem),
          "write 2013-04-10, 2013-04-10T06:30:00Z (or an offset such as +02:00), or seconds since 1970"};
}

std::optional<UnixSeconds> take_date(Pieces& text) {
  const auto year = text.digits(4);
  if (!year || !text.take('-')) return std::nullopt;
  const auto month = text.digits(2);
  if (!month || !text.take('-')) return std::nullopt;
  const auto day = text.digits(2);
  if (!day || *year < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * seconds_per_day;
}

/// "06:30" or "06:30:00" or "06:30:00.25".
std::optional<int> take_clock(Pieces& text) {
  const auto hour = text.digits(2);
  if (!hour || !text.take(':')) return std::nullopt;
  const auto minute = text.digits(2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  int second = 0;
  if (text.take(':')) {
    const auto seconds = text.digits(2);
    if (!seconds || *seconds > 59) return std::nullopt;
    second = *seconds;
    if (text.take('.')) text.skip_digits();
  }
  return (*hour * 60 + *minute) * 60 + second;
}

/// "Z", "+02:00", "-0730" or "+02", in seconds east of Greenwich.
std::optional<int> take_zone(Pieces& text) {
  if (text.take('Z') || text.take('z')) return 0;
  const bool east = text.take('+');
  if (!east && !text.take('-')) return std::nullopt;
  const auto hours = text.digits(2);
  if (!hours || *hours > 23) return std::nullopt;
  int minutes = 0;
  if (!text.done()) {
    text.take(':');
    const auto given = text.digits(2);
    if (!given || *given > 59) return std::nullopt;
    minutes = *given;
  }
  return (east ? 60 : -60) * (*hours * 60 + minutes);
}

ParsedTimestamp parse_epoch(std::string_view text) {
  UnixSeconds seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure == std::errc::invalid_argument || end != text.data() + text.size()) return not_a_time();
  if (failure != std::errc{} || seconds < first_second || seconds > last_second)
    return {std::nullopt, "lies outside the years 1 to 9999",
            "whole seconds since 1970 are expected; divide milliseconds by 1000"};
  return {seconds, {}, {}};
}

}  // namespace

ParsedTimestamp parse_timestamp(std::string_view text) {
  if (text.size() < 5 || text[4] != '-') return parse_epoch(text);
  Pieces pieces(text);
  const auto date = take_date(pieces);
  if (!date) return not_a_time();
  if (pieces.done()) return {*date, {}, {}};
  if (!pieces.take('T') && !pieces.take('t') && !pieces.take(' ')) return not_a_time();
  const auto clock = take_clock(pieces);
  if (!clock) return not_a_time();
  if (pieces.done()) return not_a_time("has no time zone");
  const auto zone = take_zone(pieces);
  if (!zone || !pieces.done()) return not_a_time();
  return {*date + *clock - *zone, {}, {}};
}

}  // namespace npo::csv

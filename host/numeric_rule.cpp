#include "host/numeric_rule.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The least float32 that is not less than `value`, and the greatest that is not greater.
float round_up(double value) {
  const auto nearest = static_cast<float>(value);
  return nearest < value ? std::nextafter(nearest, infinity) : nearest;
}
float round_down(double value) {
  const auto nearest = static_cast<float>(value);
  return nearest > value ? std::nextafter(nearest, -infinity) : nearest;
}
/// The least float32 greater than `value`, and the greatest less than it.
float next_above(double value) {
  const float below = round_down(value);
  return std::nextafter(below, infinity);
}
float next_below(double value) {
  return std::nextafter(round_up(value), -infinity);
}

[[noreturn]] void refuse(const GuardrailRule& rule, const std::string& origin, const std::string& problem,
                         const std::string& remedy) {
  throw Error(ErrorKind::usage, fmt::format("{}: guardrail \"{}\": {}", origin, rule.name, problem), remedy);
}

/// Equality with a number that no float32 column can hold would never hit (or, negated, always).
void require_float32(const GuardrailRule& rule, const std::string& origin) {
  const auto stored = static_cast<float>(rule.value);
  if (static_cast<double>(stored) != rule.value)
    refuse(rule, origin, fmt::format("no float32 equals {}", rule.value),
           fmt::format("write an interval around it, the nearest float32 is {:.9g}", stored));
}

}  // namespace

IntervalRule numeric_rule(const GuardrailRule& rule, std::uint32_t column, std::uint8_t bit,
                          const std::string& origin) {
  IntervalRule out{column, -infinity, infinity, false, bit};
  if (rule.interval) {
    out.lo = round_up(rule.interval->first);
    out.hi = round_down(rule.interval->second);
    out.negate = rule.op == "not_in";
    if (out.lo > out.hi) refuse(rule, origin, "no float32 lies in its interval", "widen the interval");
  } else if (rule.op == ">") {
    out.lo = next_above(rule.value);
  } else if (rule.op == ">=") {
    out.lo = round_up(rule.value);
  } else if (rule.op == "<") {
    out.hi = next_below(rule.value);
  } else if (rule.op == "<=") {
    out.hi = round_down(rule.value);
  } else {
    require_float32(rule, origin);
    out.lo = out.hi = static_cast<float>(rule.value);
    out.negate = rule.op == "!=";
  }
  return out;
}

}  // namespace npo

#include "host/shortest_number.hpp"

#include <charconv>

namespace npo {

double shortest_double(float value) {
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, value);
  double read = value;
  std::from_chars(digits, written.ptr, read);
  return read;
}

}  // namespace npo

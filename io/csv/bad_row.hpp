#pragma once
#include "kernels/error.hpp"

namespace npo::csv {

/// One row that breaks the rules. The reader already stands behind it, so that a caller who skips bad rows
/// catches this and goes on; every other Error means that the file as a whole cannot be read.
class BadRow : public Error {
 public:
  explicit BadRow(const std::string& problem, const std::string& remedy = {})
      : Error(ErrorKind::bad_data, problem, remedy) {}
};

}  // namespace npo::csv

#pragma once
#include <stdexcept>
#include <string>

namespace npo {

/// What kind of failure an error is; the value is the process's exit code (architecture: conventions for
/// users).
enum class ErrorKind : int {
  internal = 1,     ///< a runtime failure nobody could have prevented from outside
  usage = 2,        ///< unknown flag, key or value; arguments that do not fit together
  bad_data = 3,     ///< a file or a row that breaks the contract of its format
  gate = 4,         ///< a gate or an alert fired; the work itself is done
  environment = 5,  ///< disk, permission, lock, missing path
  device = 6,       ///< no such GPU, or the GPU failed
  interrupted = 75  ///< stopped by a signal; the same command resumes
};

/// The one exception of the project. `what()` reads "problem; remedy".
/// Libraries throw it and neither print nor exit.
class Error : public std::runtime_error {
 public:
  /// `problem` says what is wrong and where (file, dataset, row); `remedy` says what to do, and may be empty.
  Error(ErrorKind kind, const std::string& problem, const std::string& remedy = {})
      : std::runtime_error(remedy.empty() ? problem : problem + "; " + remedy), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace npo

#include "io/h5_handle.hpp"

#include <string_view>

namespace npo::h5 {
namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

/// The library writes "..., errno = 28, error message = 'No space left on device', ...".
std::string system_message(std::string_view description) {
  constexpr std::string_view mark = "error message = '";
  const auto start = description.find(mark);
  if (start == std::string_view::npos) return {};
  const auto text = description.substr(start + mark.size());
  return std::string(text.substr(0, text.find('\'')));
}

herr_t collect(unsigned depth, const H5E_error2_t* error, void* out) {
  auto& cause = *static_cast<Cause*>(out);
  if (cause.system || !error->desc) return 0;
  if (std::string message = system_message(error->desc); !message.empty())
    cause = {std::move(message), true};
  else if (depth == 0)
    cause.text = error->desc;
  return 0;
}

}  // namespace

LibraryLock::LibraryLock() : lock_(library_mutex()) {
  // At exit the library would close what is still open, and crash on a file whose close has failed (a full
  // disk).
  static const bool leave_exit_alone = H5dont_atexit() >= 0;
  static_cast<void>(leave_exit_alone);
  // The library keeps one error stack, and one setting of its printing, for each thread.
  thread_local const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(quiet);
}

Cause take_cause() {
  const LibraryLock lock;
  Cause cause;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &cause);
  H5Eclear2(H5E_DEFAULT);
  return cause;
}

bool Handle::close() {
  if (id_ < 0) return true;
  const LibraryLock lock;
  return closer_(std::exchange(id_, -1)) >= 0;
}

}  // namespace npo::h5

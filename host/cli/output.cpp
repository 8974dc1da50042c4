#include "host/cli/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace npo::cli {
namespace {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::bad_data:
      return "bad_data";
    case ErrorKind::gate:
      return "gate";
    case ErrorKind::environment:
      return "environment";
    case ErrorKind::device:
      return "device";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::internal:
      break;
  }
  return "internal";
}

}  // namespace

void print(std::string_view text) {
  errno = 0;
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if ((written == text.size() && std::fflush(stdout) == 0) || errno == EPIPE) return;
  throw Error(ErrorKind::environment, fmt::format("cannot write to stdout: {}", std::strerror(errno)),
              "send the output elsewhere");
}

int print_error(std::string_view command, ErrorKind kind, std::string_view message, bool json) {
  const int code = static_cast<int>(kind);
  const std::string who = command.empty() ? "npo" : fmt::format("npo {}", command);
  fmt::print(stderr, "{}: {}\n", who, message);
  if (json) {
    const nlohmann::json error{{"kind", name_of(kind)}, {"message", message}, {"exit_code", code}};
    fmt::print("{}\n", nlohmann::json{{"error", error}}.dump(2));
    std::fflush(stdout);
  }
  return code;
}

}  // namespace npo::cli

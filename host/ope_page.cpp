#include <fmt/format.h>

#include "host/ope_run.hpp"

namespace npo {

std::string to_html(const OpeReport& report) {
  return fmt::format("<!doctype html><title>{}</title>", report.policy);
}

}  // namespace npo

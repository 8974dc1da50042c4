#include "io/version.hpp"

namespace npo {

std::string_view program_version() {
  return NPO_VERSION;
}

}  // namespace npo

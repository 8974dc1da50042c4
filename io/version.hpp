#pragma once
#include <string_view>

namespace npo {

/// Version of this program, stored in every file it writes.
std::string_view program_version();

}  // namespace npo

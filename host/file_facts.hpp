#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "host/file_kind.hpp"

namespace npo {

/// What a file of `kind` says of itself, without its path and kind.
nlohmann::ordered_json facts_of(FileKind kind, const std::filesystem::path& path);

}  // namespace npo

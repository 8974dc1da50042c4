#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace npo {

/// What a file of ours says of itself: kind, version, shape, provenance. Reads headers only, never the rows.
nlohmann::ordered_json info_run(const std::filesystem::path& path);

/// Facts as lines for a person: "key: value", nested ones indented, long lists cut.
std::string facts_text(const nlohmann::ordered_json& facts);

}  // namespace npo

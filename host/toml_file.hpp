#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace npo {

/// A TOML document as JSON: tables are objects, dates and times are texts. Error(usage) names origin, line
/// and column of the first mistake.
nlohmann::json toml_to_json(const std::string& text, const std::string& origin);
/// The same from a file; Error(environment) when it cannot be read.
nlohmann::json read_toml(const std::filesystem::path& path);

}  // namespace npo

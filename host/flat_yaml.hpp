#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace npo {

/// The part of YAML that tables of numbers are written in, as JSON: mappings by indentation, lists of scalars
/// (a dash a line, or in brackets), numbers and plain or quoted texts, comments. Error(bad_data) names origin
/// and line of anything else.
nlohmann::json flat_yaml_to_json(const std::string& text, const std::string& origin);

}  // namespace npo

#pragma once
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

/// JSON read without forgiveness, for files that decide results: no duplicate, unknown or missing key, no
/// number that is not finite. Every function throws Error(bad_data) naming `where` (file, and place in it).
namespace npo::strict_json {

/// Parses `text`; a key that occurs twice in one object is an error.
nlohmann::json parse(const std::string& text, const std::string& where);

/// Requires an object that has exactly `keys`; an unknown one is reported with the nearest of them.
void require_keys(const nlohmann::json& object, std::initializer_list<const char*> keys,
                  const std::string& where);

double finite_number(const nlohmann::json& object, const char* key, const std::string& where);
std::string text(const nlohmann::json& object, const char* key, const std::string& where);
std::int64_t integer(const nlohmann::json& object, const char* key, const std::string& where);

/// A finite double as the shortest text that reads back as the same double; -0 is written 0.
std::string shortest(double value);

}  // namespace npo::strict_json

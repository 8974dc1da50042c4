#pragma once
#include <string>
#include <string_view>

namespace npo {

/// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates) without NUL.
bool is_utf8_text(std::string_view text);

/// A value as a message may show it: at most `longest` bytes, control characters and broken UTF-8 as \xNN.
std::string printable(std::string_view text, std::size_t longest = 64);

}  // namespace npo

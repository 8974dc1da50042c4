#pragma once
#include <span>
#include <string>
#include <string_view>

namespace npo {

/// The nearest of `known` by edit distance, or empty when none is near enough to be a likely slip of the pen
/// (at most a third of the longer word differs). Ties go to the first.
std::string nearest_word(std::string_view word, std::span<const std::string> known);

}  // namespace npo

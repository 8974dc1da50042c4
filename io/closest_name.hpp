#pragma once
#include <span>
#include <string>
#include <string_view>

namespace npo {

/// The name of `known` that needs the fewest edits (insert, delete, replace, swap neighbours; case counts as
/// nothing) to become `word`; ties go to the first. Empty when every one needs more than a third of the
/// longer word's length, but at least one edit is always allowed.
std::string closest_name(std::string_view word, std::span<const std::string> known);

/// "did you mean `smart_5_raw`?", or `otherwise` when nothing is near.
std::string suggest_name(std::string_view word, std::span<const std::string> known,
                         std::string_view otherwise);

}  // namespace npo

#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "io/scenario_file.hpp"

namespace npo {

/// Id words (kernels/join_state.hpp) as they are stored in a file: the inverse of id_words.
std::vector<std::byte> stored_ids(IdType type, std::span<const std::uint64_t> words);

/// Ids of `from` words each as ids of `to` words each, padded with zero words at the end; `to` is not less
/// than `from`.
std::vector<std::uint64_t> widen_ids(std::vector<std::uint64_t> words, int from, int to);

/// Three-way comparison of two ids of `words` words: negative, zero or positive.
int compare_words(const std::uint64_t* a, const std::uint64_t* b, int words);

}  // namespace npo
